//! What a field of the status says of an action: whether it failed, and how.

/// The failure in words, such as `Error 404`; nothing where the status tells of none. A number from 400 to 599 is a failure,
/// as in HTTP (RFC 9110, section 15), and so is a word that begins with `error` or `fail`.
pub fn failure(status: &str) -> Option<String> {
    let status = status.trim();
    // As tables and columns of fractions write it.
    let number = match status.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => status,
    };
    if number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit()) {
        return ("400"..="599").contains(&number).then(|| format!("Error {number}"));
    }
    let begins = |with: &str| status.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    match begins("error") || begins("fail") {
        true if begins("error") => Some(capitalised(status)),
        true => Some(format!("Error: {status}")),
        false => None,
    }
}

/// The text of an element whose action failed: the element stays to be seen.
pub fn with_failure(text: &str, failure: &str) -> String {
    match text.trim() {
        "" => failure.to_string(),
        text => format!("{text} ({failure})"),
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_from_400_on_and_words_of_failure_are_errors() {
        let said = |status: &str| failure(status).unwrap_or_default();
        assert_eq!(["404", " 503 ", "500.00"].map(said), ["Error 404", "Error 503", "Error 500"]);
        assert_eq!(["FAILED", "error", "Error 12"].map(said), ["Error: FAILED", "Error", "Error 12"]);
        assert!(["200", "399", "600", "4040", "", "ok", "-1", "terror"].iter().all(|status| failure(status).is_none()));
        assert_eq!(with_failure(" ", "Error 404"), "Error 404");
        assert_eq!(with_failure("Pay", "Error 404"), "Pay (Error 404)");
    }
}
