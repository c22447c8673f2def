//! How likely two records are one person (CLI, Duplicate score). Pure.
//!
//! Two names are near when they are spelt nearly alike, or sound alike by a coarse key of consonants. It knows no
//! nicknames and no social security numbers yet.

use jiff::civil::Date;

/// What is compared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts<'a> {
    pub given: Vec<&'a str>,
    pub family: Vec<&'a str>,
    pub birth_date: Option<Date>,
    /// Phones and e-mails as stored.
    pub contacts: Vec<&'a str>,
}

/// From here on saving needs a decision.
pub(crate) const LIKELY: i32 = 90;

/// 0 to 100.
pub(crate) fn score(a: &Facts, b: &Facts) -> i32 {
    let (family, given) = (name(&a.family, &b.family), name(&a.given, &b.given));
    let is_swapped = name(&a.family, &b.given) == Likeness::Equal && name(&a.given, &b.family) == Likeness::Equal;
    let (family, given) = if is_swapped {
        (Likeness::Near, Likeness::Near)
    } else {
        (family, given)
    };
    let names = points(family, 30, 22, -25) + points(given, 25, 18, -25);
    let born = points(births(a.birth_date, b.birth_date), 35, 20, -35);
    let shares = |is_email: bool| {
        a.contacts
            .iter()
            .any(|value| value.contains('@') == is_email && b.contacts.contains(value))
    };
    let contacts = i32::from(shares(false)) * 10 + i32::from(shares(true)) * 10;
    (names + born + contacts).clamp(0, 100)
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    Different,
    Missing,
    Near,
    Equal,
}

const fn points(likeness: Likeness, equal: i32, near: i32, different: i32) -> i32 {
    match likeness {
        Likeness::Equal => equal,
        Likeness::Near => near,
        Likeness::Missing => 0,
        Likeness::Different => different,
    }
}

fn name(a: &[&str], b: &[&str]) -> Likeness {
    let pairs = a
        .iter()
        .flat_map(|a| b.iter().map(move |b| (a.to_lowercase(), b.to_lowercase())))
        .filter(|(a, b)| !a.is_empty() && !b.is_empty());
    pairs.map(|(a, b)| one_name(&a, &b)).max().unwrap_or(Likeness::Missing)
}

fn one_name(a: &str, b: &str) -> Likeness {
    if a == b {
        return Likeness::Equal;
    }
    let alike = strsim::jaro_winkler(a, b);
    if alike >= 0.92 || (alike >= 0.80 && sound(a) == sound(b)) {
        Likeness::Near
    } else {
        Likeness::Different
    }
}

/// Consonants as they sound, vowels and doubles left out.
fn sound(name: &str) -> String {
    let name = name.replace("ph", "f").replace("ck", "k").replace("th", "0");
    let mut key = String::new();
    for (index, letter) in name.chars().enumerate() {
        let heard = match letter {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' | 'w' if index > 0 => continue,
            'c' | 'q' => 'k',
            'z' => 's',
            other => other,
        };
        if !key.ends_with(heard) {
            key.push(heard);
        }
    }
    key
}

fn births(a: Option<Date>, b: Option<Date>) -> Likeness {
    let (Some(a), Some(b)) = (a, b) else {
        return Likeness::Missing;
    };
    let is_year_off = (a.month(), a.day()) == (b.month(), b.day()) && (a.year() - b.year()).abs() == 1;
    let is_swapped = a.year() == b.year() && a.month() == b.day() && a.day() == b.month();
    let differing = a
        .to_string()
        .chars()
        .zip(b.to_string().chars())
        .filter(|(a, b)| a != b)
        .count();
    if a == b {
        Likeness::Equal
    } else if is_year_off || is_swapped || differing == 1 {
        Likeness::Near
    } else {
        Likeness::Different
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn facts<'a>(given: &'a str, family: &'a str, born: Date, contacts: &[&'a str]) -> Facts<'a> {
        Facts {
            given: vec![given],
            family: vec![family],
            birth_date: Some(born),
            contacts: contacts.to_vec(),
        }
    }

    /// CLI, walk-through 4 and 5.
    #[test]
    fn cli_20_scores_are_those_of_the_walk_through() {
        let first = facts(
            "John",
            "Smith",
            date(1986, 4, 12),
            &["+13125550142", "john@example.test"],
        );
        let check = |other: Facts, expected| assert_eq!(score(&first, &other), expected, "{other:?}");
        check(facts("Jon", "Smythe", date(1986, 4, 12), &["+13125550142"]), 85);
        check(
            facts(
                "Jon",
                "Smythe",
                date(1986, 4, 12),
                &["+13125550142", "john@example.test"],
            ),
            95,
        );
        check(facts("John", "Smith", date(1987, 4, 12), &[]), 75);
        check(facts("Jane", "Smith", date(1988, 9, 30), &["+13125550142"]), 0);
    }

    #[test]
    fn cli_20_missing_facts_count_nothing() {
        let first = facts("John", "Smith", date(1986, 4, 12), &[]);
        assert_eq!(
            score(
                &first,
                &Facts {
                    birth_date: None,
                    ..first.clone()
                }
            ),
            55
        );
        assert_eq!(score(&first, &facts("Smith", "John", date(1986, 4, 12), &[])), 75);
    }
}
