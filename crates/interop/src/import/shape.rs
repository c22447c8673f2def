//! Foreign drafts as rows of the rooms that own the records. Pure.
//!
//! What a row cannot hold is in the original, which is kept beside every native record, so leaving it out here loses nothing.

use clients::{
    Category, ContactKind, ContactUse, Demographics, ExternalKey, ImportedAllergy, ImportedClient, ImportedCoverage,
    ImportedProvider, KeptResource, NewContact, Sex, Status,
};
use clinical::history::{NewCondition, NewEncounter, NewObservation};
use fhir::draft::{
    self, AllergyDraft, ClientDraft, ConditionDraft, CoverageDraft, EncounterDraft, Kept, ObservationDraft,
    ProviderDraft,
};
use fhir::{Address, Concept, Identifier, Name, Telecom, system};
use jiff::tz::TimeZone;
use kernel::text;
use serde_json::json;

/// The longest line that goes into a field of ours; the original has the rest.
const LINE_MAX: usize = 500;

fn cut(text: &str) -> String {
    text.chars().take(LINE_MAX).collect()
}

fn short(text: Option<&str>) -> Option<String> {
    text.map(cut).filter(|text| !text.is_empty())
}

fn labels(concepts: &[Concept]) -> Option<String> {
    let all: Vec<&str> = concepts.iter().filter_map(Concept::label).collect();
    short(Some(&all.join(", ")))
}

fn codes(concept: Option<&Concept>) -> Vec<String> {
    concept
        .into_iter()
        .flat_map(|concept| &concept.codings)
        .filter_map(|coding| coding.code.clone())
        .collect()
}

/// Foreign numbers worth knowing a record by. A social security number is no such thing: it stays in the original.
fn numbers(identifiers: &[Identifier]) -> Vec<ExternalKey> {
    let usable = identifiers
        .iter()
        .filter(|identifier| identifier.system.as_deref().is_some_and(|named| named != system::SSN));
    usable
        .map(|identifier| ExternalKey::new(identifier.system.clone().unwrap_or_default(), cut(&identifier.value)))
        .collect()
}

fn name_in_words(name: &Name) -> Option<String> {
    let parts = || {
        name.given
            .iter()
            .map(String::as_str)
            .chain(name.family.as_deref())
            .collect::<Vec<_>>()
            .join(" ")
    };
    short(Some(&name.text.clone().unwrap_or_else(parts)))
}

pub(super) fn client(source: ExternalKey, draft: &ClientDraft, zone: &TimeZone) -> ImportedClient {
    let status = match (draft.deceased, draft.active) {
        (true, _) => Some(Status::Deceased),
        (false, Some(false)) => Some(Status::Inactive),
        (false, _) => None,
    };
    ImportedClient {
        source,
        identifiers: numbers(&draft.identifiers),
        who: Demographics {
            family: cut(&draft.family),
            given: cut(&draft.given),
            middle: short(draft.middle.as_deref()),
            suffix: short(draft.suffix.as_deref()),
            preferred_name: short(draft.preferred.as_deref()),
            previous_names: draft.other_names.iter().filter_map(name_in_words).collect(),
            birth_date: draft.birth_date,
            birth_date_estimated: draft.birth_date_estimated,
            sex: draft.gender.as_deref().and_then(|word| word.parse::<Sex>().ok()),
            marital_status: draft.marital_status.as_ref().and_then(Concept::first_code).map(cut),
            languages: draft
                .languages
                .iter()
                .filter_map(|one| one.code(system::LANGUAGE).or_else(|| one.first_code()))
                .map(cut)
                .collect(),
            race: codes(draft.race.as_ref()),
            ethnicity: codes(draft.ethnicity.as_ref()),
            ..Demographics::default()
        },
        contacts: contacts(draft),
        deceased_at: draft.deceased_at.map(|when| when.instant(zone)),
        status,
    }
}

fn contacts(draft: &ClientDraft) -> Vec<NewContact> {
    // Without a usable form the words are kept as given: a number that can't be dialled from here may still be right.
    let phones = draft
        .phones
        .iter()
        .filter(|one| is_current(one.usage.as_deref()))
        .map(|one| {
            NewContact::plain(
                ContactKind::Phone,
                usage(one.usage.as_deref()),
                text::phone(&one.value).unwrap_or_else(|_| cut(&one.value)),
            )
        });
    let emails = draft
        .emails
        .iter()
        .filter(|one| is_current(one.usage.as_deref()))
        .map(|one| {
            NewContact::plain(
                ContactKind::Email,
                usage(one.usage.as_deref()),
                text::email(&one.value).unwrap_or_else(|_| cut(&one.value)),
            )
        });
    let places = draft
        .addresses
        .iter()
        .filter(|one| is_current(one.usage.as_deref()))
        .map(postal);
    phones.chain(emails).chain(places).collect()
}

fn is_current(usage: Option<&str>) -> bool {
    usage != Some("old")
}

fn usage(word: Option<&str>) -> ContactUse {
    match word {
        Some("mobile") => ContactUse::Mobile,
        Some("work") => ContactUse::Work,
        Some("temp") => ContactUse::Temporary,
        Some("billing") => ContactUse::Mailing,
        _ => ContactUse::Home,
    }
}

fn postal(address: &Address) -> NewContact {
    let line = short(Some(&address.lines.join(", "))).or_else(|| short(address.text.as_deref()));
    let part = |text: &Option<String>| short(text.as_deref());
    NewContact::postal(
        usage(address.usage.as_deref()),
        line,
        part(&address.city),
        part(&address.state),
        part(&address.postal_code),
        part(&address.country),
    )
}

pub(super) fn provider(source: ExternalKey, draft: &ProviderDraft) -> ImportedProvider {
    let first = |all: &[Telecom]| all.first().and_then(|one| short(Some(&one.value)));
    // A malformed NPI may stand with many people ("0"), so nobody is known again by it.
    let is_sound = |key: &ExternalKey| key.system != system::NPI || Some(&key.value) == draft.npi.as_ref();
    ImportedProvider {
        source,
        identifiers: numbers(&draft.identifiers).into_iter().filter(is_sound).collect(),
        family: cut(&draft.family),
        given: cut(&draft.given),
        prefix: short(draft.prefix.as_deref()),
        suffix: short(draft.suffix.as_deref()),
        npi: draft.npi.clone(),
        phone: first(&draft.phones),
        email: first(&draft.emails),
        address: draft
            .addresses
            .first()
            .map(|address| postal(address).value)
            .filter(|line| !line.is_empty()),
        active: draft.active,
    }
}

/// A professional's name as visits show it.
pub(super) fn provider_name(draft: &ProviderDraft) -> Option<String> {
    let parts = [
        draft.prefix.as_deref(),
        Some(draft.given.as_str()),
        Some(draft.family.as_str()),
    ];
    short(Some(
        &parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
    ))
}

pub(super) fn condition(draft: &ConditionDraft) -> NewCondition {
    let when = |when: Option<fhir::When>| when.map(|when| when.to_string());
    let unsaid = if draft.abatement.is_some() {
        "resolved"
    } else {
        "unknown"
    };
    NewCondition {
        id: None,
        snomed_code: draft.snomed.clone(),
        icd10cm_code: draft.icd_10_cm.clone(),
        description: cut(&draft.title),
        clinical_status: draft.clinical_status.clone().unwrap_or_else(|| unsaid.to_owned()),
        verification_status: draft.verification_status.clone().unwrap_or_default(),
        onset: when(draft.onset),
        abated: when(draft.abatement),
        recorded: when(draft.recorded),
        encounter_source: draft
            .encounter
            .as_ref()
            .and_then(|visit| visit.literal.as_deref())
            .and_then(|literal| short(Some(literal))),
    }
}

/// `provider` is the name of the visit's professional where the bundle holds it.
pub(super) fn encounter(draft: &EncounterDraft, provider: Option<String>, zone: &TimeZone) -> NewEncounter {
    NewEncounter {
        id: None,
        class: draft.class.clone().unwrap_or_default(),
        description: cut(&draft.title),
        status: draft.status.clone(),
        started_at: draft.period.start.map(|when| when.instant(zone)),
        ended_at: draft.period.end.map(|when| when.instant(zone)),
        provider: draft
            .practitioners
            .iter()
            .find_map(|one| short(one.display.as_deref()))
            .or(provider),
        organization: short(draft.organization_text.as_deref()).or_else(|| short(draft.location_text.as_deref())),
        reason: labels(&draft.reasons),
    }
}

pub(super) fn observation(draft: &ObservationDraft, zone: &TimeZone) -> NewObservation {
    let coding = draft.code.codings.iter().find(|coding| coding.code.is_some());
    let found =
        |value: Option<&draft::ObservationValue>| value.map(|value| cut(&value.to_string())).unwrap_or_default();
    let components: Vec<_> = draft
        .components
        .iter()
        .map(
            |part| json!({ "description": part.code.label().unwrap_or_default(), "value": found(part.value.as_ref()) }),
        )
        .collect();
    let value = match (&draft.value, &draft.absent_reason) {
        (None, Some(reason)) => reason.label().map(cut).unwrap_or_default(),
        (value, _) => found(value.as_ref()),
    };
    NewObservation {
        id: None,
        category: draft.category.clone(),
        code_system: coding.and_then(|coding| coding.system.clone()),
        code: coding.and_then(|coding| coding.code.clone()),
        description: cut(&draft.title),
        value_text: value,
        components: components.into(),
        status: draft.status.clone(),
        effective_at: draft.effective.or(draft.issued).map(|when| when.instant(zone)),
    }
}

pub(super) fn allergy(source: ExternalKey, draft: &AllergyDraft) -> ImportedAllergy {
    let reaction = |one: &draft::ReactionDraft| {
        let shown = labels(&one.manifestations).or_else(|| one.description.clone())?;
        Some(
            one.severity
                .as_ref()
                .map_or_else(|| shown.clone(), |severity| format!("{shown} ({severity})")),
        )
    };
    let reactions: Vec<String> = draft.reactions.iter().filter_map(reaction).collect();
    let code = draft
        .code
        .codings
        .iter()
        .find_map(|coding| Some((coding.system.clone()?, coding.code.clone()?)));
    ImportedAllergy {
        source,
        title: cut(&draft.title),
        code,
        kind: draft.kind.clone(),
        categories: draft.categories.clone(),
        criticality: draft.criticality.clone(),
        clinical_status: draft.clinical_status.clone(),
        verification_status: draft.verification_status.clone(),
        reactions: short(Some(&reactions.join("; "))),
        onset_on: draft.onset.map(|when| when.first_day()),
        recorded_on: draft.recorded.map(|when| when.first_day()),
        remarks: short(Some(&draft.notes.join("\n"))),
    }
}

pub(super) fn coverage(source: ExternalKey, draft: &CoverageDraft) -> ImportedCoverage {
    let class = |kind: &str| draft.classes.iter().find(|class| class.kind == kind);
    let payor = || draft.payors.iter().find_map(|payor| payor.display.clone());
    let kind = || draft.kind.as_ref().and_then(Concept::label).map(str::to_owned);
    let member = draft
        .subscriber_id
        .clone()
        .or_else(|| draft.identifiers.first().map(|number| number.value.clone()));
    ImportedCoverage {
        source,
        payer: cut(&draft
            .payor_text
            .clone()
            .or_else(payor)
            .or_else(kind)
            .unwrap_or_else(|| "Payer not named".to_owned())),
        plan_name: class("plan").map(|class| class.name.clone().unwrap_or_else(|| class.value.clone())),
        member_id: short(member.as_deref()),
        group_number: class("group").map(|class| class.value.clone()),
        relationship: draft.relationship.as_ref().and_then(Concept::first_code).map(cut),
        status: draft.status.clone(),
        place: draft.order,
        valid_from: draft.period.start.map(|when| when.first_day()),
        valid_to: draft.period.end.map(|when| when.first_day()),
    }
}

/// A resource that stays as it came; the caller adds whose it is.
pub(super) fn kept(
    source: ExternalKey,
    resource_type: &str,
    summary: &Kept,
    content: &str,
    zone: &TimeZone,
) -> KeptResource {
    KeptResource {
        source,
        resource_type: resource_type.to_owned(),
        client: None,
        category: heading(summary.category),
        title: cut(&summary.title),
        detail: short(summary.detail.as_deref()),
        status: short(summary.status.as_deref()),
        happened_at: summary.when.map(|when| when.instant(zone)),
        content: content.to_owned(),
        import: None,
    }
}

const fn heading(category: draft::Category) -> Category {
    match category {
        draft::Category::History => Category::History,
        draft::Category::Medication => Category::Medication,
        draft::Category::Result => Category::Result,
        draft::Category::Report => Category::Report,
        draft::Category::Imaging => Category::Imaging,
        draft::Category::Immunization => Category::Immunization,
        draft::Category::Procedure => Category::Procedure,
        draft::Category::Plan => Category::Plan,
        draft::Category::CareTeam => Category::CareTeam,
        draft::Category::Document => Category::Document,
        draft::Category::Billing => Category::Billing,
        draft::Category::Directory => Category::Directory,
        draft::Category::Device => Category::Device,
        draft::Category::Other => Category::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// INT-26.
    #[test]
    fn int_26_a_patient_keeps_numbers_and_ways_to_be_reached_but_not_the_social_security_number() {
        let draft = ClientDraft {
            family: "Smith".into(),
            given: "Ann".into(),
            gender: Some("female".into()),
            deceased: true,
            identifiers: vec![
                Identifier::new("urn:clinic", "7"),
                Identifier::new(system::SSN, "999-15-6195"),
                Identifier::new("", "loose"),
            ],
            phones: vec![
                Telecom {
                    value: "(312) 555-0142".into(),
                    usage: Some("mobile".into()),
                    ..Telecom::default()
                },
                Telecom {
                    value: "555-1".into(),
                    usage: Some("old".into()),
                    ..Telecom::default()
                },
            ],
            addresses: vec![Address {
                lines: vec!["1 Elm St".into()],
                city: Some("Boston".into()),
                ..Address::default()
            }],
            ..ClientDraft::default()
        };
        let row = client(ExternalKey::new("s", "v"), &draft, &TimeZone::UTC);
        assert_eq!(row.identifiers, vec![ExternalKey::new("urn:clinic", "7")]);
        assert_eq!((row.status, row.who.sex), (Some(Status::Deceased), Some(Sex::Female)));
        let values: Vec<&str> = row.contacts.iter().map(|contact| contact.value.as_str()).collect();
        assert_eq!(values, ["+13125550142", "1 Elm St, Boston"]);
    }

    #[test]
    fn int_26_nobody_is_known_again_by_a_malformed_npi() {
        let draft = ProviderDraft {
            family: "Roe".into(),
            identifiers: vec![Identifier::new(system::NPI, "0"), Identifier::new("urn:x", "1")],
            ..ProviderDraft::default()
        };
        assert_eq!(
            provider(ExternalKey::default(), &draft).identifiers,
            vec![ExternalKey::new("urn:x", "1")]
        );
    }

    #[test]
    fn a_problem_without_a_status_is_not_called_active() {
        assert_eq!(condition(&ConditionDraft::default()).clinical_status, "unknown");
        let ended = ConditionDraft {
            abatement: Some("2019".parse().unwrap()),
            ..ConditionDraft::default()
        };
        assert_eq!(condition(&ended).clinical_status, "resolved");
    }
}
