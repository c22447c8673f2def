//! What names, addresses and numbers have in common for clients and providers.

use crate::types::{Address, Identifier, Name, Telecom, system};

/// A name taken apart as our records hold it.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) family: String,
    pub(super) given: String,
    pub(super) middle: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) suffix: Option<String>,
}

/// The name to keep a record under, and the others.
pub(super) fn choose(names: Vec<Name>) -> Option<(Name, Vec<Name>)> {
    let rank = |name: &Name| match name.usage.as_deref() {
        Some("official") => 0,
        Some("usual") => 1,
        None => 2,
        Some("temp") => 3,
        Some("nickname" | "anonymous") => 5,
        Some("old" | "maiden") => 6,
        Some(_) => 4,
    };
    let best = names
        .iter()
        .enumerate()
        .min_by_key(|(at, name)| (rank(name), *at))
        .map(|(at, _)| at)?;
    let mut others = names;
    let chosen = others.remove(best);
    Some((chosen, others))
}

/// Takes a name apart. A name given only whole is split at its last word, or at its comma.
pub(super) fn parts(name: &Name) -> Parts {
    let join = |words: &[String]| (!words.is_empty()).then(|| words.join(" "));
    let (prefix, suffix) = (join(&name.prefix), join(&name.suffix));
    if name.family.is_some() || !name.given.is_empty() {
        let (given, middle) = match name.given.split_first() {
            Some((first, rest)) => (first.clone(), join(rest)),
            None => (String::new(), None),
        };
        return Parts {
            family: name.family.clone().unwrap_or_default(),
            given,
            middle,
            prefix,
            suffix,
        };
    }
    let whole = name.text.as_deref().unwrap_or_default();
    let (given, family) = match whole.split_once(',') {
        Some((family, given)) => (given.trim(), family.trim()),
        None => whole.rsplit_once(char::is_whitespace).unwrap_or(("", whole)),
    };
    Parts {
        family: family.to_owned(),
        given: given.trim().to_owned(),
        middle: None,
        prefix,
        suffix,
    }
}

/// Phones and emails, apart. Preferred ones come first as senders list them, disused ones last.
pub(super) fn telecoms(all: Vec<Telecom>) -> (Vec<Telecom>, Vec<Telecom>) {
    let (emails, mut phones): (Vec<_>, Vec<_>) = all.into_iter().partition(is_email);
    phones.retain(|telecom| telecom.system.as_deref() != Some("url"));
    let disused = |telecom: &Telecom| telecom.usage.as_deref() == Some("old");
    phones.sort_by_key(disused);
    let mut emails = emails;
    emails.sort_by_key(disused);
    (phones, emails)
}

fn is_email(telecom: &Telecom) -> bool {
    match telecom.system.as_deref() {
        Some(system) => system == "email",
        None => telecom.value.contains('@'),
    }
}

/// Addresses, disused ones last.
pub(super) fn addresses(mut all: Vec<Address>) -> Vec<Address> {
    all.sort_by_key(|address| address.usage.as_deref() == Some("old"));
    all
}

/// Whether a number is an NPI: ten digits, the last one the Luhn check of the others behind the prefix 80840.
pub(super) fn is_npi(number: &str) -> bool {
    if number.len() != 10 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let doubled = number.bytes().rev().enumerate().map(|(at, byte)| {
        let digit = u32::from(byte - b'0') * if at % 2 == 1 { 2 } else { 1 };
        digit / 10 + digit % 10
    });
    // The prefix adds 24 to the sum, whatever the number.
    (doubled.sum::<u32>() + 24).is_multiple_of(10)
}

/// The first identifier of a kind in the v2-0203 table.
pub(super) fn of_kind(identifiers: &[Identifier], kind: &str) -> Option<Identifier> {
    identifiers
        .iter()
        .find(|identifier| identifier.kind.as_deref() == Some(kind))
        .cloned()
}

/// The first identifier of a system.
pub(super) fn of_system<'a>(identifiers: &'a [Identifier], wanted: &str) -> Option<&'a Identifier> {
    identifiers
        .iter()
        .find(|identifier| identifier.system.as_deref() == Some(wanted))
}

/// The NPI among identifiers, right or wrong.
pub(super) fn npi(identifiers: &[Identifier]) -> Option<&Identifier> {
    of_system(identifiers, system::NPI)
}
