//! Patient → client.
//!
//! Invariant: a birth date that cannot be true, or a patient without any name, is refused; nothing is guessed in their place.

use jiff::ToSpan;
use jiff::civil::Date;
use serde_json::Value;

use super::people;
use super::reader::{Code, Reader, Refusal};
use crate::date::When;
use crate::draft::{ClientDraft, ContactDraft};
use crate::json;
use crate::types::{Address, Coding, Concept, Identifier, Name, Telecom, system};

/// The longest life that a birth date is believed to have behind it.
const MAXIMUM_AGE_YEARS: i32 = 120;

const MAPPED: [&str; 13] = [
    "active",
    "identifier",
    "name",
    "telecom",
    "gender",
    "birthDate",
    "deceasedBoolean",
    "deceasedDateTime",
    "address",
    "maritalStatus",
    "communication",
    "contact",
    "extension",
];

const US_CORE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-";
const CORE: &str = "http://hl7.org/fhir/StructureDefinition/patient-";

pub(super) fn read(reader: &mut Reader<'_>, today: Date) -> Result<ClientDraft, Refusal> {
    let patient = reader.resource();
    let (deceased, deceased_at) = deceased(reader);
    let birth = birth_date(reader, today, deceased, deceased_at)?;
    let mut draft = named(reader)?;
    let identifiers = Identifier::fields(patient);
    let (phones, emails) = people::telecoms(Telecom::fields(patient));
    draft.birth_date = birth.map(|birth| birth.first_day());
    draft.birth_date_estimated = birth.is_some_and(|birth| birth.is_partial());
    draft.deceased = deceased;
    draft.deceased_at = deceased_at;
    draft.gender = json::text(patient, "gender");
    draft.birth_sex = core_extension(patient, "birthsex").and_then(|extension| json::text(extension, "valueCode"));
    draft.race = core_extension(patient, "race").and_then(census);
    draft.ethnicity = core_extension(patient, "ethnicity").and_then(census);
    draft.gender_identity = core_extension(patient, "genderIdentity")
        .and_then(|extension| Concept::field(extension, "valueCodeableConcept"));
    draft.marital_status = Concept::field(patient, "maritalStatus");
    draft.languages = languages(patient);
    draft.interpreter_required = interpreter(patient);
    draft.mothers_maiden_name =
        extension(patient, &format!("{CORE}mothersMaidenName")).and_then(|found| json::text(found, "valueString"));
    draft.active = patient.get("active").and_then(Value::as_bool);
    draft.addresses = people::addresses(Address::fields(patient));
    draft.phones = phones;
    draft.emails = emails;
    draft.medical_record_number = people::of_kind(&identifiers, "MR");
    draft.social_security_number = people::of_system(&identifiers, system::SSN)
        .cloned()
        .or_else(|| people::of_kind(&identifiers, "SS"))
        .map(|identifier| identifier.value);
    draft.drivers_license = people::of_kind(&identifiers, "DL");
    draft.passport = people::of_kind(&identifiers, "PPN");
    draft.identifiers = identifiers;
    draft.contacts = json::list(patient, "contact")
        .iter()
        .map(contact)
        .filter(|contact| *contact != ContactDraft::default())
        .collect();
    Ok(draft)
}

/// Elements that the draft leaves out, extensions named by their address.
pub(super) fn unmapped(reader: &Reader<'_>) -> Vec<String> {
    let mapped = ["race", "ethnicity", "birthsex", "genderIdentity"].map(|name| format!("{US_CORE}{name}"));
    let also_mapped = ["mothersMaidenName", "interpreterRequired"].map(|name| format!("{CORE}{name}"));
    let extensions = json::list(reader.resource(), "extension")
        .iter()
        .filter_map(|extension| json::text(extension, "url"));
    let left_out = extensions
        .filter(|url| !mapped.contains(url) && !also_mapped.contains(url))
        .map(|url| format!("extension({url})"));
    reader.unmapped(&MAPPED).into_iter().chain(left_out).collect()
}

fn named(reader: &mut Reader<'_>) -> Result<ClientDraft, Refusal> {
    let Some((chosen, mut others)) = people::choose(Name::fields(reader.resource())) else {
        return Err(reader.refusal(Code::NameMissing, "name", "The patient has no name."));
    };
    let parts = people::parts(&chosen);
    if parts.family.is_empty() || parts.given.is_empty() {
        reader.warn(Code::NameIncomplete, "name", "Only a part of the name is known.");
    } else if chosen.family.is_none() && chosen.given.is_empty() {
        reader.warn(
            Code::NameIncomplete,
            "name",
            "The name was given only as a whole; check how it was taken apart.",
        );
    }
    let goes_by = |name: &Name| matches!(name.usage.as_deref(), Some("nickname" | "usual"));
    let preferred = others.iter().position(goes_by).map(|at| others.remove(at));
    let preferred = preferred.and_then(|name| name.given.first().cloned().or(name.text));
    let people::Parts {
        family,
        given,
        middle,
        prefix,
        suffix,
    } = parts;
    Ok(ClientDraft {
        family,
        given,
        middle,
        prefix,
        suffix,
        preferred,
        other_names: others,
        ..ClientDraft::default()
    })
}

fn deceased(reader: &mut Reader<'_>) -> (bool, Option<When>) {
    let at = reader.when("deceasedDateTime");
    let told = reader.resource().get("deceasedDateTime").is_some_and(Value::is_string);
    let flag = reader
        .resource()
        .get("deceasedBoolean")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    (told || flag, at)
}

fn birth_date(
    reader: &mut Reader<'_>,
    today: Date,
    deceased: bool,
    deceased_at: Option<When>,
) -> Result<Option<When>, Refusal> {
    let impossible =
        |reader: &Reader<'_>, why: String| Err(reader.refusal(Code::BirthDateImpossible, "birthDate", why));
    let written = match reader.resource().get("birthDate") {
        None | Some(Value::Null) => {
            reader.warn(Code::BirthDateMissing, "birthDate", "The birth date is unknown.");
            return Ok(None);
        }
        Some(Value::String(text)) => text.trim(),
        Some(_) => return impossible(reader, "The birth date is not written as text.".to_owned()),
    };
    // Some senders append an hour to the day; the day is what counts.
    let day = written.split('T').next().unwrap_or(written);
    let shown = json::shorten(written, 40);
    let Ok(birth) = day.parse::<When>() else {
        return impossible(
            reader,
            format!("The birth date \"{shown}\" is not a day that exists, written as YYYY-MM-DD."),
        );
    };
    if birth.first_day() > today {
        return impossible(reader, format!("The birth date {shown} lies in the future."));
    }
    // The dead may be older than anyone alive: what counts is how long they lived.
    let last_day = match deceased_at {
        Some(end) if end.first_day() <= today => end.day_after(),
        _ => today,
    };
    let age_is_known = !deceased || deceased_at.is_some();
    if age_is_known && birth.day_after().saturating_add(MAXIMUM_AGE_YEARS.years()) <= last_day {
        return impossible(
            reader,
            format!("The birth date {shown} would make the patient older than {MAXIMUM_AGE_YEARS} years."),
        );
    }
    if deceased_at.is_some_and(|end| end.day_after() <= birth.first_day()) {
        return impossible(reader, format!("The birth date {shown} lies after the date of death."));
    }
    if birth.is_partial() {
        reader.warn(
            Code::BirthDateEstimated,
            "birthDate",
            format!("Only {shown} is known of the birth date."),
        );
    }
    Ok(Some(birth))
}

fn extension<'a>(value: &'a Value, url: &str) -> Option<&'a Value> {
    json::list(value, "extension")
        .iter()
        .find(|extension| json::text(extension, "url").as_deref() == Some(url))
}

fn core_extension<'a>(patient: &'a Value, name: &str) -> Option<&'a Value> {
    extension(patient, &format!("{US_CORE}{name}"))
}

/// Race or ethnicity: the broad category, the detailed ones, the words.
fn census(found: &Value) -> Option<Concept> {
    let parts = json::list(found, "extension");
    let coded = |part: &&Value| {
        matches!(
            part.get("url").and_then(Value::as_str),
            Some("ombCategory" | "detailed")
        )
    };
    let codings: Vec<Coding> = parts
        .iter()
        .filter(coded)
        .filter_map(|part| Coding::read(part.get("valueCoding")?))
        .collect();
    let concept = Concept {
        codings,
        text: extension(found, "text").and_then(|text| json::text(text, "valueString")),
    };
    (concept != Concept::default()).then_some(concept)
}

fn languages(patient: &Value) -> Vec<Concept> {
    let mut spoken: Vec<&Value> = json::list(patient, "communication").iter().collect();
    spoken.sort_by_key(|language| language.get("preferred").and_then(Value::as_bool) != Some(true));
    spoken
        .into_iter()
        .filter_map(|language| Concept::field(language, "language"))
        .collect()
}

fn interpreter(patient: &Value) -> Option<bool> {
    let found = extension(patient, &format!("{CORE}interpreterRequired"))?;
    found.get("valueBoolean").and_then(Value::as_bool)
}

fn contact(value: &Value) -> ContactDraft {
    ContactDraft {
        name: value.get("name").and_then(Name::read),
        relationships: Concept::fields(value, "relationship"),
        telecoms: Telecom::fields(value),
        address: value.get("address").and_then(Address::read),
    }
}
