//! Practitioner → provider outside the practice.

use serde_json::Value;

use super::Read;
use super::people;
use super::reader::{Code, Reader};
use crate::draft::{Draft, ProviderDraft};
use crate::json;
use crate::types::{Address, Identifier, Name, Telecom};

const MAPPED: [&str; 6] = ["identifier", "active", "name", "telecom", "address", "gender"];

pub(super) fn read(reader: &mut Reader<'_>) -> Read {
    let practitioner = reader.resource();
    let Some((name, _)) = people::choose(Name::fields(practitioner)) else {
        reader.lacks("name");
        return None;
    };
    let identifiers = Identifier::fields(practitioner);
    let npi = people::npi(&identifiers).map(|identifier| identifier.value.clone());
    let valid_npi = npi.clone().filter(|number| people::is_npi(number));
    if npi.is_some() && valid_npi.is_none() {
        reader.warn(
            Code::NpiInvalid,
            "identifier",
            "The NPI is not a valid one; it is kept among the other numbers.",
        );
    }
    let (phones, emails) = people::telecoms(Telecom::fields(practitioner));
    let people::Parts {
        family,
        given,
        middle,
        prefix,
        suffix,
    } = people::parts(&name);
    let draft = ProviderDraft {
        family,
        given,
        middle,
        prefix,
        suffix,
        npi: valid_npi,
        identifiers,
        gender: json::text(practitioner, "gender"),
        phones,
        emails,
        addresses: people::addresses(Address::fields(practitioner)),
        active: practitioner.get("active").and_then(Value::as_bool).unwrap_or(true),
    };
    Some((Draft::Provider(Box::new(draft)), &MAPPED))
}
