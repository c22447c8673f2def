//! The chart's line for a resource that is kept as it came: what it is, when, in what state, and one detail.
//!
//! Works for resource types it has never heard of. Invariant: the title is never empty.

use serde_json::Value;

use super::observation;
use super::reader::Reader;
use super::{dose, people};
use crate::date::When;
use crate::draft::{Category, Kept};
use crate::json;
use crate::types::{Address, Concept, Name};

/// Titles, statuses and details longer than this are cut; the whole text is in the kept resource.
const TITLE_LENGTH: usize = 160;
const DETAIL_LENGTH: usize = 300;

/// Where resources say when they happened, the most telling first.
const DATES: [&str; 31] = [
    "effectiveDateTime",
    "effectivePeriod.start",
    "effectiveInstant",
    "performedDateTime",
    "performedPeriod.start",
    "occurrenceDateTime",
    "occurrencePeriod.start",
    "occurredDateTime",
    "occurredPeriod.start",
    "authoredOn",
    "started",
    "onsetDateTime",
    "onsetPeriod.start",
    "billablePeriod.start",
    "servicedDate",
    "period.start",
    "whenHandedOver",
    "whenPrepared",
    "startDate",
    "start",
    "context.period.start",
    "sent",
    "date",
    "dateTime",
    "dateAsserted",
    "authored",
    "recordedDate",
    "recorded",
    "created",
    "issued",
    "manufactureDate",
];

pub(super) fn summary(reader: &mut Reader<'_>) -> Kept {
    let resource = reader.resource();
    let title = title(reader)
        .map(|title| json::shorten(&title, TITLE_LENGTH))
        .filter(|title| !title.is_empty());
    let status = ["status", "lifecycleStatus", "clinicalStatus"]
        .iter()
        .find_map(|field| reader.status(field));
    Kept {
        category: category(&reader.entry.kind),
        title: title.unwrap_or_else(|| words(&reader.entry.kind)),
        when: date(resource),
        status: status.map(|status| json::shorten(&status, TITLE_LENGTH)),
        detail: detail(reader)
            .map(|detail| json::shorten(&detail, DETAIL_LENGTH))
            .filter(|detail| !detail.is_empty()),
    }
}

fn category(kind: &str) -> Category {
    match kind {
        "Condition"
        | "Encounter"
        | "EpisodeOfCare"
        | "AllergyIntolerance"
        | "FamilyMemberHistory"
        | "Flag"
        | "ClinicalImpression"
        | "AdverseEvent"
        | "DetectedIssue" => Category::History,
        "Medication"
        | "MedicationRequest"
        | "MedicationStatement"
        | "MedicationDispense"
        | "MedicationAdministration" => Category::Medication,
        "Observation" | "Specimen" | "QuestionnaireResponse" | "RiskAssessment" => Category::Result,
        "DiagnosticReport" => Category::Report,
        "ImagingStudy" | "Media" => Category::Imaging,
        "Immunization" | "ImmunizationRecommendation" | "ImmunizationEvaluation" => Category::Immunization,
        "Procedure" | "ServiceRequest" | "DeviceRequest" | "NutritionOrder" => Category::Procedure,
        "CarePlan" | "Goal" | "RequestGroup" => Category::Plan,
        "CareTeam" => Category::CareTeam,
        "DocumentReference" | "Composition" | "Binary" | "DocumentManifest" | "Consent" | "Contract" => {
            Category::Document
        }
        "Claim"
        | "ClaimResponse"
        | "ExplanationOfBenefit"
        | "Coverage"
        | "Account"
        | "Invoice"
        | "ChargeItem"
        | "CoverageEligibilityRequest"
        | "CoverageEligibilityResponse"
        | "PaymentNotice"
        | "PaymentReconciliation" => Category::Billing,
        "Organization"
        | "Location"
        | "Practitioner"
        | "PractitionerRole"
        | "RelatedPerson"
        | "Person"
        | "HealthcareService"
        | "Endpoint"
        | "OrganizationAffiliation"
        | "InsurancePlan" => Category::Directory,
        "Device" | "DeviceUseStatement" | "SupplyDelivery" | "SupplyRequest" => Category::Device,
        _ => Category::Other,
    }
}

fn title(reader: &Reader<'_>) -> Option<String> {
    let resource = reader.resource();
    match reader.entry.kind.as_str() {
        "MedicationRequest" | "MedicationStatement" | "MedicationDispense" | "MedicationAdministration" => {
            medication(reader)
        }
        "Claim" | "ExplanationOfBenefit" => services(resource),
        "ImagingStudy" => imaging(resource),
        "Practitioner" | "RelatedPerson" | "Person" => Name::fields(resource).first().map(person),
        "Device" => json::list(resource, "deviceName")
            .iter()
            .find_map(|name| json::text(name, "name"))
            .or_else(|| first(resource, &["type"])),
        "SupplyDelivery" => resource
            .get("suppliedItem")
            .and_then(|item| first(item, &["itemCodeableConcept"])),
        "CareTeam" | "Organization" | "Location" | "HealthcareService" | "Group" | "Account" => {
            first(resource, &["name", "alias", "description", "category", "type"])
        }
        "Goal" => first(resource, &["description", "category"]),
        "CarePlan" => first(resource, &["title", "description"]).or_else(|| plan(resource)),
        "DocumentReference" | "Composition" => first(resource, &["title", "type", "description", "category"]),
        "PractitionerRole" => first(resource, &["code", "specialty"]),
        _ => first(
            resource,
            &[
                "code",
                "vaccineCode",
                "title",
                "name",
                "type",
                "description",
                "serviceType",
                "category",
                "reasonCode",
                "scope",
                "class",
            ],
        ),
    }
}

/// The words of the first field that has any, whether it is text, a concept, or a list of either.
fn first(resource: &Value, fields: &[&str]) -> Option<String> {
    let of = |value: &Value| match value {
        Value::String(text) => json::clean(text),
        Value::Object(_) => {
            let coding = || json::text(value, "display").or_else(|| json::text(value, "code"));
            Concept::read(value)
                .and_then(|concept| concept.label().map(str::to_owned))
                .or_else(coding)
        }
        _ => None,
    };
    fields.iter().find_map(|field| match resource.get(*field)? {
        Value::Array(members) => members.iter().find_map(of),
        lone => of(lone),
    })
}

fn medication(reader: &Reader<'_>) -> Option<String> {
    let referred = || reader.words_of(&reader.reference("medicationReference")?);
    first(reader.resource(), &["medicationCodeableConcept"])
        .or_else(referred)
        .or_else(|| {
            // R5 joins both into one element.
            let medication = reader.resource().get("medication")?;
            let referred = || reader.words_of(&reader.index.reference(reader.entry, medication.get("reference")?)?);
            first(medication, &["concept"]).or_else(referred)
        })
}

fn services(claim: &Value) -> Option<String> {
    let services: Vec<String> = json::list(claim, "item")
        .iter()
        .filter_map(|item| first(item, &["productOrService", "service"]))
        .collect();
    match services.as_slice() {
        [] => first(claim, &["type"]),
        [only] => Some(only.clone()),
        [first, rest @ ..] => Some(format!("{first} and {} more", rest.len())),
    }
}

fn imaging(study: &Value) -> Option<String> {
    let described = first(study, &["description", "procedureCode"]);
    described.or_else(|| {
        let series = json::list(study, "series").first()?;
        let parts = [first(series, &["modality"]), first(series, &["bodySite"])];
        let line = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        (!line.is_empty()).then_some(line)
    })
}

/// US Core demands the category "assess-plan" of every plan, so it tells nothing.
fn plan(resource: &Value) -> Option<String> {
    let categories = Concept::fields(resource, "category");
    categories
        .iter()
        .filter(|category| category.first_code() != Some("assess-plan"))
        .find_map(Concept::label)
        .map(str::to_owned)
}

fn person(name: &Name) -> String {
    let people::Parts {
        family,
        given,
        prefix,
        suffix,
        ..
    } = people::parts(name);
    let parts = [prefix.unwrap_or_default(), given, family, suffix.unwrap_or_default()];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn date(resource: &Value) -> Option<When> {
    DATES.iter().find_map(|path| {
        let found = path.split('.').try_fold(resource, |value, part| value.get(part))?;
        found.as_str()?.trim().parse().ok()
    })
}

fn detail(reader: &Reader<'_>) -> Option<String> {
    let resource = reader.resource();
    let labels = |field: &str, within: &[&str]| {
        let all: Vec<String> = json::list(resource, field)
            .iter()
            .filter_map(|member| first(member, within))
            .collect();
        (!all.is_empty()).then(|| all.join(", "))
    };
    match reader.entry.kind.as_str() {
        "MedicationRequest" | "MedicationStatement" | "MedicationDispense" => dose::text(resource),
        "Observation" => findings(resource),
        "DiagnosticReport" => json::text(resource, "conclusion").or_else(|| labels("result", &["display"])),
        "Claim" | "ExplanationOfBenefit" | "Invoice" => total(resource),
        "CarePlan" => {
            let activity = |member: &Value| first(member.get("detail")?, &["code", "description"]);
            let all: Vec<String> = json::list(resource, "activity").iter().filter_map(activity).collect();
            (!all.is_empty()).then(|| all.join(", "))
        }
        "CareTeam" => {
            let member = |member: &Value| json::text(member.get("member")?, "display");
            let all: Vec<String> = json::list(resource, "participant").iter().filter_map(member).collect();
            (!all.is_empty()).then(|| all.join(", "))
        }
        "Organization" | "Location" => json::list(resource, "address")
            .iter()
            .find_map(Address::read)
            .map(|address| place(&address)),
        "Procedure" | "ServiceRequest" => {
            first(resource, &["reasonCode", "reasonReference"]).or_else(|| labels("note", &["text"]))
        }
        _ => labels("note", &["text"]),
    }
}

fn findings(resource: &Value) -> Option<String> {
    let own = observation::value(resource).map(|value| value.to_string());
    own.or_else(|| {
        let part = |part: &Value| Some(format!("{}: {}", first(part, &["code"])?, observation::value(part)?));
        let all: Vec<String> = json::list(resource, "component").iter().filter_map(part).collect();
        (!all.is_empty()).then(|| all.join(", "))
    })
}

/// The amount billed; an explanation of benefit lists several totals, the submitted one first.
fn total(resource: &Value) -> Option<String> {
    let amount = |money: &Value| {
        let currency = json::text(money, "currency")
            .or_else(|| json::text(money, "code"))
            .unwrap_or_default();
        json::decimal(money, "value").map(|value| format!("{value} {currency}").trim_end().to_owned())
    };
    let single = resource
        .get("total")
        .or_else(|| resource.get("totalGross"))
        .and_then(amount);
    single.or_else(|| json::list(resource, "total").first()?.get("amount").and_then(amount))
}

fn place(address: &Address) -> String {
    let Address {
        lines,
        city,
        state,
        postal_code,
        ..
    } = address;
    let state = [state.clone(), postal_code.clone()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let parts = lines
        .iter()
        .cloned()
        .chain(city.clone())
        .chain((!state.is_empty()).then_some(state));
    parts.collect::<Vec<_>>().join(", ")
}

/// `ImagingStudy` → `Imaging study`.
fn words(kind: &str) -> String {
    let mut words = String::with_capacity(kind.len() + 4);
    for (at, character) in kind.char_indices() {
        if at > 0 && character.is_ascii_uppercase() {
            words.push(' ');
            words.push(character.to_ascii_lowercase());
        } else {
            words.push(character);
        }
    }
    words
}
