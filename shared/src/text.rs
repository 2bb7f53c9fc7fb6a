//! What people write to one another in a few lines: made harmless, or refused.

use std::fmt;

use crate::problem::ItemCode;

/// The most characters of such a text.
pub const MAX_LENGTH: usize = 10_000;

/// Whether it is a character that no key writes and PostgreSQL may refuse to store (U+0000 to U+001F, U+007F). Texts of several
/// lines may have line ends and tabs.
pub const fn is_control(c: char, is_lines: bool) -> bool {
    c.is_ascii_control() && !(is_lines && matches!(c, '\n' | '\r' | '\t'))
}

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It has more characters than that.
    TooLong(usize),
    /// It has characters that nobody sees: controls, or marks that turn the reading direction.
    Unseen,
}

impl Flaw {
    /// The same for programs.
    pub const fn code(self) -> ItemCode {
        match self {
            Self::TooLong(_) => ItemCode::TooLong,
            Self::Unseen => ItemCode::Format,
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(limit) => write!(f, "Ce texte dépasse {limit} caractères."),
            Self::Unseen => f.write_str("Ce texte contient des caractères invisibles\u{a0}: saisissez-le de nouveau."),
        }
    }
}

/// The text as it is kept: its line ends as LF, without white space around it.
///
/// # Errors
/// It is too long, or has characters that nobody sees.
pub fn tidied(text: &str) -> Result<String, Flaw> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > MAX_LENGTH {
        return Err(Flaw::TooLong(MAX_LENGTH));
    }
    let is_unseen = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if text.contains(is_unseen) { Err(Flaw::Unseen) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_told_from_line_ends() {
        for c in ['\0', '\u{1f}', '\u{7f}'] {
            assert!(is_control(c, false) && is_control(c, true), "{c:?}");
        }
        for c in ['\n', '\r', '\t'] {
            assert!(is_control(c, false) && !is_control(c, true), "{c:?}");
        }
        assert!(!is_control('é', false) && !is_control('\u{a0}', false));
    }

    #[test]
    fn a_text_is_kept_without_what_nobody_sees() {
        assert_eq!(tidied(" a\r\n\tb <i> \n"), Ok("a\n\tb <i>".to_owned()));
        assert_eq!(tidied(&"é".repeat(MAX_LENGTH)).map(|text| text.chars().count()), Ok(MAX_LENGTH));
        assert_eq!(tidied(&"é".repeat(MAX_LENGTH + 1)), Err(Flaw::TooLong(MAX_LENGTH)));
        for wrong in ["a\0b", "a\u{7}b", "a\u{202e}b", "a\u{2066}b", "a\rb"] {
            assert_eq!(tidied(wrong), Err(Flaw::Unseen), "{wrong:?}");
        }
    }
}
