//! Text search, whatever accents and capitals.

/// Whether a text contains each of the words; without any word, true.
pub fn holds(text: &str, words: &str) -> bool {
    let text = folded(text);
    folded(words).split_whitespace().all(|word| text.contains(word))
}

/// Lower case, without the accents of French.
pub fn folded(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|c| match c {
            'à' | 'â' | 'ä' => 'a',
            'ç' => 'c',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'î' | 'ï' => 'i',
            'ô' | 'ö' => 'o',
            'ù' | 'û' | 'ü' => 'u',
            '’' => '\'',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_capitals_and_the_order_of_words_do_not_matter() {
        assert!(holds("Tarification sociale de la crèche", "CRECHE tarif"));
        assert!(holds("L’école", "l'ecole"));
        assert!(holds("Cantine", " "));
        assert!(!holds("Cantine", "cantine crèche"));
    }
}
