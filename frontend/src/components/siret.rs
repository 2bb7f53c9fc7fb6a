//! Names of organisations and SIRET numbers, formatted.

use shared::organization::Organization;

/// « 130 025 265 00013 »; what has not 14 digits stays as it is.
pub fn grouped(text: &str) -> String {
    match (text.get(..3), text.get(3..6), text.get(6..9), text.get(9..)) {
        (Some(a), Some(b), Some(c), Some(rest)) if text.len() == 14 => format!("{a}\u{a0}{b}\u{a0}{c}\u{a0}{rest}"),
        _ => text.to_owned(),
    }
}

/// The organisation's name, or its number where the name is not known.
pub fn name_of(organization: &Organization) -> String {
    if organization.label.is_empty() {
        format!("Organisation {}", grouped(organization.siret.as_str()))
    } else {
        organization.label.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_fourteen_digits_are_grouped() {
        assert_eq!(grouped("13002526500013"), "130\u{a0}025\u{a0}265\u{a0}00013");
        assert_eq!(grouped("1300252650001"), "1300252650001");
        assert_eq!(grouped("éèàéèàé"), "éèàéèàé");
    }
}
