//! A diff of two texts, word by word.

/// The most pairs of words that are compared; beyond, the whole middle counts as changed.
const MAX_PAIRS: usize = 250_000;

/// A piece of one version of a text, with the white space behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// The other version does not have it.
    pub changed: bool,
}

/// The two versions, cut where they part: first the pieces of the older, then those of the newer.
pub fn compare(before: &str, after: &str) -> (Vec<Piece>, Vec<Piece>) {
    let (old, new) = (words(before), words(after));
    let start = old.iter().zip(&new).take_while(|(a, b)| is_same(a, b)).count();
    let (old_head, old) = old.split_at_checked(start).unwrap_or_default();
    let (new_head, new) = new.split_at_checked(start).unwrap_or_default();
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| is_same(a, b)).count();
    let (old, old_tail) = old.split_at_checked(old.len() - end).unwrap_or_default();
    let (new, new_tail) = new.split_at_checked(new.len() - end).unwrap_or_default();

    let (kept_old, kept_new) = common(old, new);
    let version = |head: &[&str], middle: &[&str], kept: &[bool], tail: &[&str]| {
        let mut pieces = Pieces::default();
        head.iter().for_each(|word| pieces.push(word, false));
        middle.iter().zip(kept).for_each(|(word, kept)| pieces.push(word, !kept));
        tail.iter().for_each(|word| pieces.push(word, false));
        pieces.0
    };
    (version(old_head, old, &kept_old, old_tail), version(new_head, new, &kept_new, new_tail))
}

/// Pieces, of which two neighbours never have the same mark.
#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn push(&mut self, word: &str, changed: bool) {
        match self.0.last_mut() {
            Some(last) if last.changed == changed => last.text.push_str(word),
            _ => self.0.push(Piece { text: word.to_owned(), changed }),
        }
    }
}

/// Words, each with the white space behind it.
fn words(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}

/// The white space behind a word is not compared: a line that was added behind it does not change the word.
fn is_same(a: &str, b: &str) -> bool {
    a.trim_end() == b.trim_end()
}

/// Which words of each side belong to a longest common subsequence.
fn common(old: &[&str], new: &[&str]) -> (Vec<bool>, Vec<bool>) {
    let mut kept = (vec![false; old.len()], vec![false; new.len()]);
    if old.len().saturating_mul(new.len()) > MAX_PAIRS {
        return kept;
    }
    // lengths[i][j]: how much old[i..] and new[j..] have in common.
    let mut lengths = vec![vec![0_u32; new.len() + 1]; old.len() + 1];
    let at = |lengths: &[Vec<u32>], i: usize, j: usize| lengths.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            let length = if is_same(a, b) {
                at(&lengths, i + 1, j + 1) + 1
            } else {
                at(&lengths, i + 1, j).max(at(&lengths, i, j + 1))
            };
            if let Some(cell) = lengths.get_mut(i).and_then(|row| row.get_mut(j)) {
                *cell = length;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    while let (Some(a), Some(b)) = (old.get(i), new.get(j)) {
        if is_same(a, b) {
            kept.0.get_mut(i).into_iter().chain(kept.1.get_mut(j)).for_each(|kept| *kept = true);
            (i, j) = (i + 1, j + 1);
        } else if at(&lengths, i + 1, j) >= at(&lengths, i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[…]` around what changed.
    fn marked(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|piece| if piece.changed { format!("[{}]", piece.text) } else { piece.text.clone() })
            .collect()
    }

    fn both(before: &str, after: &str) -> (String, String) {
        let (old, new) = compare(before, after);
        (marked(&old), marked(&new))
    }

    #[test]
    fn only_the_words_that_differ_are_marked() {
        assert_eq!(
            both("Le quotient familial des familles.", "Le quotient familial de toutes les familles."),
            (
                "Le quotient familial [des ]familles.".to_owned(),
                "Le quotient familial [de toutes les ]familles.".to_owned()
            )
        );
        assert_eq!(both("a b c d e", "a x c y e"), ("a [b ]c [d ]e".to_owned(), "a [x ]c [y ]e".to_owned()));
        assert_eq!(both("a.", "a.\nb"), ("a.".to_owned(), "a.\n[b]".to_owned()), "a line was added");
        assert_eq!(both("a\nb\n", "a\nc\n"), ("a\n[b\n]".to_owned(), "a\n[c\n]".to_owned()));
        assert_eq!(both("", "x"), (String::new(), "[x]".to_owned()));
        assert_eq!(both("same", "same"), ("same".to_owned(), "same".to_owned()));
    }

    #[test]
    fn texts_too_long_to_compare_are_marked_whole() {
        let long = |word: &str| format!("start {} end", format!("{word} ").repeat(600));
        let (old, new) = compare(&long("a"), &long("b"));
        assert_eq!((old.len(), new.len()), (3, 3));
    }
}
