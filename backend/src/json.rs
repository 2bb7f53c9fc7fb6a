//! How JSON is read: an error names the member that is wrong, at whatever depth.

use std::fmt::Display;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use shared::problem::{ItemCode, pointer};

use crate::error::{Error, Result};

/// Reads a value of that type.
///
/// # Errors
/// 400, naming the first member that is unknown, missing or otherwise wrong.
pub fn read<T: DeserializeOwned>(value: &Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let Fault { place, code, detail } = Fault::of(&error);
        Error::pointer(pointer(place), code, detail)
    })
}

/// What is wrong, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The members that lead there.
    pub place: Vec<String>,
    /// Why, for programs.
    pub code: ItemCode,
    /// The same in French.
    pub detail: String,
}

impl Fault {
    /// What a derived parser says. Its error is a text and no more: that of `unknown_field` and `missing_field` in
    /// [`serde::de::Error`].
    pub fn of<E: Display>(error: &serde_path_to_error::Error<E>) -> Self {
        let (mut place, reason) = (place(error.path()), error.inner().to_string());
        if reason.starts_with("unknown field `") {
            // The path ends with its name.
            return Self { place, code: ItemCode::Unknown, detail: unknown_detail(&reason) };
        }
        if let Some(name) = reason.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            place.push(name.to_owned());
            return Self { place, code: ItemCode::Required, detail: "Cette valeur est nécessaire.".to_owned() };
        }
        Self { place, code: ItemCode::Format, detail: unreadable_detail(&reason) }
    }
}

/// The members that lead to where reading stopped.
fn place(path: &Path) -> Vec<String> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(index.to_string()),
            Segment::Map { key } => Some(key.clone()),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// « unknown field `a`, expected one of `b`, `c` », in French.
fn unknown_detail(reason: &str) -> String {
    let expected = reason.rsplit_once("expected ").map_or("", |(_, names)| names);
    let names: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    if names.is_empty() {
        "Ce nom n’est pas attendu ici.".to_owned()
    } else {
        format!("Ce nom n’est pas attendu ici. Noms possibles\u{a0}: {}.", names.join(", "))
    }
}

/// That of a value of another type than is asked for.
pub fn unreadable_detail(reason: &impl Display) -> String {
    format!("Cette valeur est illisible\u{a0}: {reason}.")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "inner")]
        _inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "name")]
        _name: String,
    }

    #[test]
    fn the_member_that_is_wrong_is_named_at_every_depth() {
        for (value, place, code) in [
            (json!({}), "/inner", ItemCode::Required),
            (json!({"inner": [], "colour": 1}), "/colour", ItemCode::Unknown),
            (json!({"inner": [{"name": "a"}, {}]}), "/inner/1/name", ItemCode::Required),
            (json!({"inner": [{"colour": 1}]}), "/inner/0/colour", ItemCode::Unknown),
            (json!({"inner": [{"a/`b`, expected ~": 1}]}), "/inner/0/a~1`b`, expected ~0", ItemCode::Unknown),
            (json!({"inner": [{"name": 1}]}), "/inner/0/name", ItemCode::Format),
            // A value that looks like such an error is none.
            (json!({"inner": "unknown field `x`"}), "/inner", ItemCode::Format),
        ] {
            let error = read::<Outer>(&value).unwrap_err();
            let [item] = error.items() else { panic!("{error:?}") };
            assert_eq!((item.pointer(), item.code), (Some(place), code), "{value}");
        }
    }

    #[test]
    fn an_unknown_name_is_told_with_the_known_ones() {
        let error = read::<Inner>(&json!({"colour": 1})).unwrap_err();
        assert_eq!(error.items()[0].detail, "Ce nom n’est pas attendu ici. Noms possibles\u{a0}: name.");
        assert_eq!(unknown_detail("unknown field `a`, there are no fields"), "Ce nom n’est pas attendu ici.");
    }
}
