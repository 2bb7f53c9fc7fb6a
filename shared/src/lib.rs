//! What both sides of DataPass agree on.
//!
//! This crate decides: which action leads to which status ([`workflow`]), who may do it ([`rights`]), what one API asks
//! for ([`policy`]), and whether a request is complete ([`validation`]). It is pure: no I/O, no clock, no randomness, so
//! that the server and the browser run the very same code. `now`, when a rule needs it, is an argument.

pub mod access;
pub mod api;
pub mod audit;
pub mod change_point;
pub mod client;
pub mod diff;
pub mod document;
pub mod enrollment;
pub mod event;
pub mod field;
pub mod message;
pub mod offer;
pub mod opinion;
pub mod organization;
pub mod policy;
pub mod queue;
pub mod rights;
pub mod team_member;
pub mod text;
pub mod user;
pub mod validation;
pub mod version;
pub mod workflow;

/// Implements `Display`, `FromStr`, `ALL` and serde for a field-less enum from one table of its names on the wire.
///
/// One table instead of `serde(rename_all)` plus a hand-written `match`: the database, the URL, the JSON and the policy
/// files then spell a value the same way.
macro_rules! wire_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $wire:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        $vis enum $name { $($(#[$variant_meta])* #[serde(rename = $wire)] $variant,)+ }

        impl $name {
            /// Every value, in the order of its declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire, in the database and in policy files.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .enum_values(Some(Self::ALL.iter().map(|value| value.as_str())))
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        impl std::str::FromStr for $name {
            type Err = crate::UnknownName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name { $($wire => Ok(Self::$variant),)+ _ => Err(crate::UnknownName(name.to_owned())) }
            }
        }
    };
}
pub(crate) use wire_enum;

/// Documents a type that is written as a string in JSON.
macro_rules! string_schema {
    ($name:ident, $example:literal) => {
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .examples([$example])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use string_schema;

/// A name that no variant of the enum carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName(pub String);

impl std::fmt::Display for UnknownName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "nom inconnu\u{a0}: «\u{a0}{}\u{a0}»", self.0)
    }
}

impl std::error::Error for UnknownName {}
