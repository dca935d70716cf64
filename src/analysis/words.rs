//! Finds keywords in selectors, texts and paths: whole words, letters in any case.

/// Keywords ready for matching.
pub struct WordList(Vec<String>);

impl WordList {
    pub fn new(words: &[String]) -> WordList {
        WordList(words.iter().map(|word| word.to_lowercase()).filter(|word| !word.is_empty()).collect())
    }

    /// The first of the keywords that stands in `text` as a whole word (or phrase): neither a letter nor a digit
    /// touches it.
    pub fn find(&self, text: &str) -> Option<&str> {
        if text.is_empty() {
            return None;
        }
        let text = text.to_lowercase();
        self.0.iter().find(|word| has_word(&text, word)).map(String::as_str)
    }

    pub fn matches(&self, text: &str) -> bool {
        self.find(text).is_some()
    }
}

fn has_word(text: &str, word: &str) -> bool {
    let touches = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .any(|(at, _)| !touches(text[..at].chars().next_back()) && !touches(text[at + word.len()..].chars().next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_count() {
        let words = WordList::new(&["error".into(), "Not found".into()]);
        for text in ["div.error-message", "ERROR", "toast--error", "page not found!"] {
            assert!(words.matches(text), "{text}");
        }
        for text in ["terror", "errors", "", "nothing found"] {
            assert!(!words.matches(text), "{text}");
        }
    }
}
