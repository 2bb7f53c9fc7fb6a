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
    let names = names(reason);
    if names.is_empty() {
        "Ce nom n’est pas attendu ici.".to_owned()
    } else {
        format!("Ce nom n’est pas attendu ici. Noms possibles\u{a0}: {}.", names.join(", "))
    }
}

/// What an error names after « expected ».
fn names(reason: &str) -> Vec<&str> {
    let expected = reason.rsplit_once("expected ").map_or("", |(_, names)| names);
    expected.split('`').skip(1).step_by(2).collect()
}

/// That of a value that cannot be read. What our own types say of it is French already; the rest is serde's, chrono's or the
/// standard library's.
pub fn unreadable_detail(reason: &impl Display) -> String {
    let reason = reason.to_string();
    let told = in_french(&reason).unwrap_or(reason);
    format!("Cette valeur est illisible\u{a0}: {told}.")
}

const INTEGER: &str = "indiquez un nombre entier, en chiffres";
const BOOLEAN: &str = "indiquez true ou false";
const DATE: &str =
    "indiquez une date telle que 2026-03-31, avec son heure s’il en faut une, telle que 2026-03-31T12:00:00Z";

/// What the parsers of numbers, dates and structures say. `None` where none of them has said it.
fn in_french(reason: &str) -> Option<String> {
    let told = match reason {
        "invalid digit found in string" | "cannot parse integer from empty string" => INTEGER,
        "number too large to fit in target type" => "ce nombre est trop grand",
        "number too small to fit in target type" => "ce nombre est trop petit",
        "provided string was not `true` or `false`" => BOOLEAN,
        "input contains invalid characters" | "input is out of range" | "premature end of input" | "trailing input" => {
            DATE
        }
        _ if reason.starts_with("duplicate field `") => "elle est donnée deux fois",
        _ if reason.starts_with("unknown variant `") => {
            return Some(match names(reason).as_slice() {
                [] => "elle n’est pas connue ici".to_owned(),
                names => format!("valeurs possibles\u{a0}: {}", names.join(", ")),
            });
        }
        _ if reason.starts_with("invalid ") => match reason.rsplit_once("expected ")?.1 {
            "a string" | "a borrowed string" => "indiquez du texte",
            "a boolean" => BOOLEAN,
            "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => INTEGER,
            "a sequence" => "indiquez une liste",
            text if text == "a map" || text.starts_with("struct ") => "indiquez un objet",
            text if text.contains("date") => DATE,
            _ => "elle n’a pas la forme attendue",
        },
        _ => return None,
    };
    Some(told.to_owned())
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
    fn a_value_that_cannot_be_read_is_told_in_french() {
        for (value, told) in [
            (json!([{"name": 1}]), "indiquez du texte"),
            (json!("x"), "indiquez une liste"),
            (json!([3]), "indiquez un objet"),
        ] {
            let error = read::<Outer>(&json!({"inner": value})).unwrap_err();
            assert_eq!(error.items()[0].detail, format!("Cette valeur est illisible\u{a0}: {told}."), "{value}");
        }
        for (reason, told) in [
            ("x".parse::<i64>().unwrap_err().to_string(), INTEGER),
            ("".parse::<u8>().unwrap_err().to_string(), INTEGER),
            ("300".parse::<u8>().unwrap_err().to_string(), "ce nombre est trop grand"),
            ("-300".parse::<i8>().unwrap_err().to_string(), "ce nombre est trop petit"),
            ("x".parse::<bool>().unwrap_err().to_string(), BOOLEAN),
            ("2026-02-30".parse::<chrono::NaiveDate>().unwrap_err().to_string(), DATE),
            ("2026-0".parse::<chrono::NaiveDate>().unwrap_err().to_string(), DATE),
            ("hier".parse::<chrono::NaiveDate>().unwrap_err().to_string(), DATE),
            ("2026-02-03x".parse::<chrono::NaiveDate>().unwrap_err().to_string(), DATE),
        ] {
            assert_eq!(in_french(&reason).as_deref(), Some(told), "{reason}");
        }
        assert_eq!(in_french("elle doit avoir 14 chiffres"), None, "what our own types say");
    }

    #[test]
    fn an_unknown_name_is_told_with_the_known_ones() {
        let error = read::<Inner>(&json!({"colour": 1})).unwrap_err();
        assert_eq!(error.items()[0].detail, "Ce nom n’est pas attendu ici. Noms possibles\u{a0}: name.");
        assert_eq!(unknown_detail("unknown field `a`, there are no fields"), "Ce nom n’est pas attendu ici.");
    }
}
