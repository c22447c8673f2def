//! Patient, Practitioner, Organization.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::{To, US_CORE, Version, at_least_one, begin, code_or_unknown, concept, reference, references};
use crate::date::When;
use crate::json::Object;
use crate::types::{Address, Coding, Concept, Identifier, Name, Telecom, system};

/// A client, for writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patient {
    /// Id and version.
    pub version: Version,
    /// Whether the record is in use.
    pub active: bool,
    /// Numbers; US Core demands one, such as the medical record number.
    pub identifiers: Vec<Identifier>,
    /// Names, the official one first.
    pub names: Vec<Name>,
    /// Phones and emails.
    pub telecoms: Vec<Telecom>,
    /// `male`, `female`, `other`, `unknown`.
    pub gender: Option<String>,
    /// Date of birth, as precise as it is known: a year, a month or a day.
    pub birth_date: Option<When>,
    /// Has died.
    pub deceased: bool,
    /// When.
    pub deceased_at: Option<When>,
    /// Postal addresses.
    pub addresses: Vec<Address>,
    /// Marital status.
    pub marital_status: Option<Concept>,
    /// Languages, the preferred one first.
    pub languages: Vec<Concept>,
    /// Race: categories and detailed codes of the census bureau, words.
    pub race: Option<Concept>,
    /// Ethnicity.
    pub ethnicity: Option<Concept>,
    /// `M`, `F`, `UNK`.
    pub birth_sex: Option<String>,
    /// Gender identity.
    pub gender_identity: Option<Concept>,
    /// Mother's maiden name.
    pub mothers_maiden_name: Option<String>,
    /// People to reach.
    pub contacts: Vec<Contact>,
    /// Treating clinicians.
    pub practitioners: Vec<To>,
    /// The practice.
    pub organization: Option<To>,
    /// Records that this one took in, or that took this one in: (other, `replaces` or `replaced-by`).
    pub links: Vec<(To, String)>,
}

/// A person to reach, for writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contact {
    /// Name.
    pub name: Option<Name>,
    /// How they are related.
    pub relationships: Vec<Concept>,
    /// Phones and emails.
    pub telecoms: Vec<Telecom>,
    /// Address.
    pub address: Option<Address>,
}

/// Writes a Patient.
#[must_use]
pub fn patient(patient: &Patient) -> Value {
    let link = |(other, kind): &(To, String)| {
        Object::default()
            .put("other", other.write())
            .put("type", kind.as_str())
            .done()
    };
    let language = |(at, language): (usize, &Concept)| {
        let preferred = if at == 0 && patient.languages.len() > 1 {
            Value::Bool(true)
        } else {
            Value::Null
        };
        Object::default()
            .put("language", language.write())
            .put("preferred", preferred)
            .done()
    };
    let deceased_at = patient.deceased_at.map(|when| when.to_string());
    let deceased = (patient.deceased && deceased_at.is_none()).then_some(true);
    begin("Patient", &patient.version, &["patient"])
        .list("extension", extensions(patient))
        .put(
            "identifier",
            at_least_one(patient.identifiers.iter().map(Identifier::write)),
        )
        .put("active", patient.active)
        .put("name", at_least_one(patient.names.iter().map(Name::write)))
        .list("telecom", patient.telecoms.iter().map(Telecom::write))
        .put("gender", code_or_unknown(patient.gender.as_deref().unwrap_or_default()))
        .put("birthDate", patient.birth_date.map(date_only))
        .put("deceasedBoolean", deceased)
        .put("deceasedDateTime", deceased_at)
        .list("address", patient.addresses.iter().map(Address::write))
        .put("maritalStatus", concept(patient.marital_status.as_ref()))
        .list("contact", patient.contacts.iter().map(contact))
        .list("communication", patient.languages.iter().enumerate().map(language))
        .list("generalPractitioner", references(&patient.practitioners))
        .put("managingOrganization", reference(patient.organization.as_ref()))
        .list("link", patient.links.iter().map(link))
        .done()
}

/// A birth date is a date, never an hour.
fn date_only(when: When) -> String {
    match when {
        When::Instant { .. } => Date::to_string(&when.first_day()),
        _ => when.to_string(),
    }
}

fn extensions(patient: &Patient) -> Vec<Value> {
    let core = |name: &str| format!("{US_CORE}{name}");
    let mut all = Vec::new();
    all.extend(patient.race.as_ref().and_then(|race| census(&core("race"), race)));
    all.extend(
        patient
            .ethnicity
            .as_ref()
            .and_then(|ethnicity| census(&core("ethnicity"), ethnicity)),
    );
    if let Some(sex) = patient.birth_sex.as_deref().filter(|sex| !sex.is_empty()) {
        all.push(json!({"url": core("birthsex"), "valueCode": sex}));
    }
    if let Some(identity) = &patient.gender_identity {
        all.push(json!({"url": core("genderIdentity"), "valueCodeableConcept": identity.write()}));
    }
    if let Some(name) = patient.mothers_maiden_name.as_deref().filter(|name| !name.is_empty()) {
        all.push(
            json!({"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": name}),
        );
    }
    all
}

/// Codes of the broad categories, of which the rest are details.
const RACES: [&str; 5] = ["1002-5", "2028-9", "2054-5", "2076-8", "2106-3"];
const ETHNICITIES: [&str; 2] = ["2135-2", "2186-5"];
/// "Asked but unknown" and "unknown" stand beside the broad categories, in a code system of their own.
const NULL_FLAVORS: [&str; 2] = ["ASKU", "UNK"];

fn census(url: &str, concept: &Concept) -> Option<Value> {
    let text = concept.label()?;
    let is_broad = |code: &str| RACES.contains(&code) || ETHNICITIES.contains(&code) || NULL_FLAVORS.contains(&code);
    let part = |coding: &Coding| {
        let code = coding.code.as_deref()?;
        let is_census = coding.system.as_deref() == Some(system::RACE_AND_ETHNICITY);
        let url = if is_broad(code) { "ombCategory" } else { "detailed" };
        (is_census || is_broad(code)).then(|| json!({"url": url, "valueCoding": coding.write()}))
    };
    let mut parts: Vec<Value> = concept.codings.iter().filter_map(part).collect();
    parts.push(json!({"url": "text", "valueString": text}));
    Some(json!({"url": url, "extension": parts}))
}

fn contact(contact: &Contact) -> Value {
    Object::default()
        .list("relationship", contact.relationships.iter().map(Concept::write))
        .put("name", contact.name.as_ref().map(Name::write))
        .list("telecom", contact.telecoms.iter().map(Telecom::write))
        .put("address", contact.address.as_ref().map(Address::write))
        .done()
}

/// A clinician of the practice, or a provider outside it, for writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Practitioner {
    /// Id and version.
    pub version: Version,
    /// Practises.
    pub active: bool,
    /// Numbers, the NPI first.
    pub identifiers: Vec<Identifier>,
    /// Names.
    pub names: Vec<Name>,
    /// Phones and emails.
    pub telecoms: Vec<Telecom>,
    /// Postal addresses.
    pub addresses: Vec<Address>,
    /// Administrative gender.
    pub gender: Option<String>,
    /// Licences and degrees.
    pub qualifications: Vec<Concept>,
}

/// Writes a Practitioner.
#[must_use]
pub fn practitioner(practitioner: &Practitioner) -> Value {
    let qualification = |code: &Concept| Object::default().put("code", code.write()).done();
    begin("Practitioner", &practitioner.version, &["practitioner"])
        .put(
            "identifier",
            at_least_one(practitioner.identifiers.iter().map(Identifier::write)),
        )
        .put("active", practitioner.active)
        .put("name", at_least_one(practitioner.names.iter().map(Name::write)))
        .list("telecom", practitioner.telecoms.iter().map(Telecom::write))
        .list("address", practitioner.addresses.iter().map(Address::write))
        .put("gender", practitioner.gender.as_deref())
        .list("qualification", practitioner.qualifications.iter().map(qualification))
        .done()
}

/// The practice, or an organization outside it, for writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Organization {
    /// Id and version.
    pub version: Version,
    /// In business.
    pub active: bool,
    /// Numbers: NPI, tax number.
    pub identifiers: Vec<Identifier>,
    /// What kind: provider, payer …
    pub kinds: Vec<Concept>,
    /// Its name.
    pub name: String,
    /// Phones and emails.
    pub telecoms: Vec<Telecom>,
    /// Postal addresses.
    pub addresses: Vec<Address>,
}

/// Writes an Organization.
#[must_use]
pub fn organization(organization: &Organization) -> Value {
    begin("Organization", &organization.version, &["organization"])
        .list("identifier", organization.identifiers.iter().map(Identifier::write))
        .put("active", organization.active)
        .list("type", organization.kinds.iter().map(Concept::write))
        .put("name", organization.name.as_str())
        .list("telecom", organization.telecoms.iter().map(Telecom::write))
        .list("address", organization.addresses.iter().map(Address::write))
        .done()
}
