//! Whether two words are one typing error apart: a letter too many, one missing, one wrong, or two that changed places.

/// The fewest letters of a word in which an error is looked for: shorter ones are all alike.
pub const MIN_LETTERS: usize = 4;

/// The words in a text that can be misspelt: letters and digits in a row, with a letter in it, in lower case without
/// accents where the text is.
pub fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty())
}

/// Whether an error in that word is looked for. Of a number a neighbour is another thing.
pub fn is_word(text: &str) -> bool {
    text.chars().count() >= MIN_LETTERS && text.chars().any(char::is_alphabetic)
}

/// Whether `typed` is `word` with one typing error. A word is no error of itself.
pub fn is_near(typed: &str, word: &str) -> bool {
    let (typed, word): (Vec<char>, Vec<char>) = (typed.chars().collect(), word.chars().collect());
    let same_before = typed.iter().zip(&word).take_while(|(a, b)| a == b).count();
    let rest = |letters: &[char]| letters.iter().skip(same_before).copied().collect::<Vec<char>>();
    let (typed, word) = (rest(&typed), rest(&word));
    match (typed.as_slice(), word.as_slice()) {
        ([_, typed @ ..], word) if typed == word => true,
        (typed, [_, word @ ..]) if typed == word => true,
        ([_, typed @ ..], [_, word @ ..]) if typed == word => true,
        ([a, b, typed @ ..], [c, d, word @ ..]) => (a, b) == (d, c) && typed == word,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_error_is_one_letter_or_two_that_changed_places() {
        for typed in ["clamrt", "clmaart", "clamarts", "xclamart", "clamort", "lamart", "claamart", "clamatr", "clamar"]
        {
            assert!(is_near(typed, "clamart"), "{typed}");
        }
        for typed in ["clamart", "clam", "clamrat2", "tramalc", "calmatr", "", "clamartes"] {
            assert!(!is_near(typed, "clamart"), "{typed}");
        }
        assert!(is_near("", "a") && is_near("a", "") && !is_near("", ""));
    }

    #[test]
    fn a_word_has_letters_and_a_number_has_no_error() {
        let found: Vec<&str> = parts("saint-aubin-sur-vilaine l’ete 92140 h2o").filter(|part| is_word(part)).collect();
        assert_eq!(found, ["saint", "aubin", "vilaine"]);
    }
}
