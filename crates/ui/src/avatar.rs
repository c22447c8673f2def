//! A person in a circle: initials, since there are no pictures. Decoration only: the name stands beside it.

use maud::{Markup, html};

/// How many hues there are to tell people apart by.
const HUES: u32 = 6;

/// The initials of a name in a circle whose hue is always the same for the same name.
pub fn avatar(name: &str) -> Markup {
    html! { span.avatar data-hue=(hue(name)) aria-hidden="true" { (initials(name)) } }
}

/// First letters of the first and the last word; names of one word, of any script, give one letter.
fn initials(name: &str) -> String {
    let mut words = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

fn hue(name: &str) -> u32 {
    name.chars()
        .fold(7_u32, |sum, c| sum.wrapping_mul(31).wrapping_add(c as u32))
        % HUES
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_the_first_and_the_last() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("Ana María de la Cruz", "AC"),
            ("Björk", "B"),
            ("李 小龍", "李小"),
            ("", ""),
            ("(x) y", "XY"),
        ] {
            assert_eq!(initials(name), expected, "{name}");
        }
    }
}
