//! Encounter and Appointment: a visit as it took place, and as it is planned.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{To, Version, at_least_one, begin, code_or_unknown, concepts, or_unknown, reference};
use crate::json::Object;
use crate::types::{Concept, Identifier, Period, system};

/// A visit, for writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encounter {
    /// Id and version.
    pub version: Version,
    /// Numbers.
    pub identifiers: Vec<Identifier>,
    /// `planned`, `arrived`, `in-progress`, `finished`, `cancelled`.
    pub status: String,
    /// `AMB`, `VR` …
    pub class: String,
    /// Kinds of visit.
    pub types: Vec<Concept>,
    /// Whose.
    pub patient: To,
    /// Who took part on the practice's side.
    pub practitioners: Vec<To>,
    /// From when to when.
    pub period: Period,
    /// Why.
    pub reasons: Vec<Concept>,
    /// From which appointment it came.
    pub appointment: Option<To>,
    /// Where.
    pub location: Option<To>,
    /// Which organization.
    pub organization: Option<To>,
}

/// Writes an Encounter.
#[must_use]
pub fn encounter(encounter: &Encounter) -> Value {
    let class = Object::default()
        .put("system", system::ENCOUNTER_CLASS)
        .put("code", encounter.class.as_str())
        .put("display", class_display(&encounter.class));
    let class = if encounter.class.is_empty() {
        super::unknown()
    } else {
        class.done()
    };
    let participant = |who: &To| Object::default().put("individual", who.write()).done();
    let location = encounter
        .location
        .iter()
        .map(|place| Object::default().put("location", place.write()).done());
    begin("Encounter", &encounter.version, &["encounter"])
        .list("identifier", encounter.identifiers.iter().map(Identifier::write))
        .put("status", code_or_unknown(&encounter.status))
        .put("class", class)
        .put("type", at_least_one(concepts(&encounter.types)))
        .put("subject", or_unknown(encounter.patient.write()))
        .list("participant", encounter.practitioners.iter().map(participant))
        .list("appointment", encounter.appointment.iter().map(To::write))
        .put("period", encounter.period.write())
        .list("reasonCode", concepts(&encounter.reasons))
        .list("location", location)
        .put("serviceProvider", reference(encounter.organization.as_ref()))
        .done()
}

fn class_display(class: &str) -> Option<&'static str> {
    match class {
        "AMB" => Some("ambulatory"),
        "VR" => Some("virtual"),
        "HH" => Some("home health"),
        "EMER" => Some("emergency"),
        "IMP" => Some("inpatient encounter"),
        "FLD" => Some("field"),
        _ => None,
    }
}

/// A planned visit, for writing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Appointment {
    /// Id and version.
    pub version: Version,
    /// `proposed`, `pending`, `booked`, `arrived`, `fulfilled`, `cancelled`, `noshow`, `checked-in`, `waitlist`.
    pub status: String,
    /// Why it was cancelled.
    pub cancellation_reason: Option<Concept>,
    /// What for: psychotherapy, evaluation …
    pub service_types: Vec<Concept>,
    /// Which kind of appointment.
    pub kind: Option<Concept>,
    /// Words for a reader.
    pub description: Option<String>,
    /// When it begins.
    pub start: Option<Timestamp>,
    /// When it ends.
    pub end: Option<Timestamp>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Words that its client may read.
    pub patient_instruction: Option<String>,
    /// Client, clinician, room.
    pub participants: Vec<Participant>,
}

/// Somebody or something that an appointment needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Participant {
    /// Who or what.
    pub who: To,
    /// `accepted`, `declined`, `tentative`, `needs-action`; empty means the first.
    pub status: String,
}

/// Writes an Appointment.
#[must_use]
pub fn appointment(appointment: &Appointment) -> Value {
    // The standard wants a start and an end, or neither.
    let (start, end) = match (appointment.start, appointment.end) {
        (Some(start), Some(end)) => (Some(start), Some(end)),
        _ => (None, None),
    };
    let minutes = start
        .zip(end)
        .map(|(start, end)| end.duration_since(start).as_secs() / 60)
        .filter(|minutes| *minutes > 0);
    let participant = |participant: &Participant| {
        let status = if participant.status.is_empty() {
            "accepted"
        } else {
            &participant.status
        };
        let what_for = if participant.who.kind == "Practitioner" {
            json!([{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "PPRF"}]}])
        } else {
            Value::Null
        };
        Object::default()
            .put("type", what_for)
            .put("actor", participant.who.write())
            .put("status", status)
            .done()
    };
    begin("Appointment", &appointment.version, &[])
        .put("status", appointment.status.as_str())
        .put(
            "cancelationReason",
            super::concept(appointment.cancellation_reason.as_ref()),
        )
        .list("serviceType", concepts(&appointment.service_types))
        .put("appointmentType", super::concept(appointment.kind.as_ref()))
        .put("description", appointment.description.as_deref())
        .put("start", start.map(|start| start.to_string()))
        .put("end", end.map(|end| end.to_string()))
        .put("minutesDuration", minutes)
        .put("created", appointment.created.map(|created| created.to_string()))
        .put("patientInstruction", appointment.patient_instruction.as_deref())
        .list("participant", appointment.participants.iter().map(participant))
        .done()
}
