//! The number by which an entry is known again in a second import. Pure.
//!
//! Invariant: within one bundle, two entries of a type share a number only if they are the same text about the same person.

use std::collections::HashSet;

use clients::ExternalKey;
use fhir::{Bundle, Entry, Interpreted, Reference};
use sha2::{Digest, Sha256};

/// Addresses as identifiers (RFC 3986), the standard's own name for that system.
const ADDRESS: &str = "urn:ietf:rfc:3986";
/// What has no address is known by its content.
const CONTENT: &str = "urn:mentalspace:content-sha256";

/// The number of each entry, in the order of the bundle.
pub(super) fn keys(bundle: &Bundle, interpreted: &[Interpreted]) -> Vec<ExternalKey> {
    let mut seen = HashSet::new();
    bundle
        .entries
        .iter()
        .zip(interpreted)
        .map(|(entry, meaning)| {
            let address = address(entry).map(|value| ExternalKey::new(ADDRESS, value));
            // An address that stands twice means two versions of a thing; the second one must not vanish behind the first.
            let key = address.filter(|key| seen.insert((entry.kind.clone(), key.clone())));
            key.unwrap_or_else(|| by_content(bundle, entry, meaning))
        })
        .collect()
}

fn address(entry: &Entry) -> Option<String> {
    if let Some(url) = &entry.full_url {
        return Some(normal(url));
    }
    // A bare "1" would be taken for every other sender's "1"; a UUID is nobody else's.
    entry
        .source_id
        .as_deref()
        .and_then(|id| id.parse::<uuid::Uuid>().ok())
        .map(|id| format!("urn:uuid:{id}"))
}

fn by_content(bundle: &Bundle, entry: &Entry, meaning: &Interpreted) -> ExternalKey {
    let owner = meaning
        .patient
        .as_ref()
        .and_then(Reference::entry)
        .and_then(|index| bundle.entries.get(index));
    let digest = Sha256::new()
        .chain_update(owner.map_or("", Entry::text))
        .chain_update("\0")
        .chain_update(entry.text())
        .finalize();
    ExternalKey::new(
        CONTENT,
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>(),
    )
}

/// Numbers under which a patient outside the bundle may be known to us.
pub(super) fn of_reference(reference: &Reference) -> Vec<ExternalKey> {
    let literal = reference
        .literal
        .as_deref()
        .filter(|literal| literal.contains(':') && !literal.contains('?'));
    let by_address = literal.map(|literal| ExternalKey::new(ADDRESS, normal(literal)));
    let number = reference.identifier.as_ref();
    let by_number = number.and_then(|number| Some(ExternalKey::new(number.system.clone()?, number.value.clone())));
    by_address.into_iter().chain(by_number).collect()
}

fn normal(url: &str) -> String {
    let lower = url.to_ascii_lowercase();
    if lower.starts_with("urn:") {
        lower
    } else {
        url.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(entries: &str) -> Vec<ExternalKey> {
        let text = format!(r#"{{"resourceType":"Bundle","type":"collection","entry":[{entries}]}}"#);
        let bundle = fhir::read(text.as_bytes(), jiff::civil::date(2026, 3, 2)).unwrap();
        keys(&bundle, &fhir::interpret(&bundle, &|_| false))
    }

    /// INT-34.
    #[test]
    fn int_34_addresses_are_kept_and_bare_numbers_are_not_trusted() {
        let entries = r#"{"fullUrl":"urn:uuid:AAAAAAAA-0000-4000-8000-000000000001","resource":{"resourceType":"Organization","name":"A"}},
            {"resource":{"resourceType":"Organization","id":"1","name":"B"}},
            {"resource":{"resourceType":"Organization","id":"1","name":"C"}}"#;
        let keys = keys_of(entries);
        assert_eq!(
            keys[0],
            ExternalKey::new(ADDRESS, "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001")
        );
        assert_eq!((keys[1].system.as_str(), keys[2].system.as_str()), (CONTENT, CONTENT));
        assert_ne!(keys[1], keys[2]);
        assert_eq!(keys, keys_of(entries));
    }

    /// Two versions under one address are two things.
    #[test]
    fn int_34_a_second_version_under_one_address_is_not_lost() {
        let keys = keys_of(
            r#"{"fullUrl":"http://x/Organization/1","resource":{"resourceType":"Organization","name":"A"}},
            {"fullUrl":"http://x/Organization/1","resource":{"resourceType":"Organization","name":"B"}}"#,
        );
        assert_ne!(keys[0], keys[1]);
    }
}
