//! REST of clients, thin over the operations. Birth dates and everything else are checked by the same form as on pages.

use axum::extract::Path;
use axum::response::Response;
use identity::web::{Access, Ask, Created, Draft, Failure, IfMatch, Json, List, Paging, Query, Routes, Tagged};
use jiff::Timestamp;
use jiff::civil::Date;
use kernel::{ClientId, Permission, Problems, Refusal, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes as methods;

use super::pages::client_id;
use super::{ClientForm, Demographics, PaymentMode, Sex, Status, ops, spoken_name};
use crate::chart::{Chart, open_chart};
use crate::search;

pub(crate) fn routes() -> Routes {
    Routes::new()
        .api(Access::Need(Permission::ClientRead), methods!(list))
        .api(Access::Need(Permission::ClientEdit), methods!(create))
        .api(Access::Need(Permission::ClientRead), methods!(read))
        .api(Access::Need(Permission::ClientEdit), methods!(patch))
}

/// A client in a list.
#[derive(Debug, Serialize, ToSchema)]
struct ClientLine {
    id: ClientId,
    mrn: String,
    name: String,
    #[schema(value_type = Option<String>, format = Date)]
    birth_date: Option<Date>,
    status: Status,
    /// The primary clinician's name.
    clinician: Option<String>,
}

/// A client.
#[derive(Debug, Serialize, ToSchema)]
struct Client {
    id: ClientId,
    mrn: String,
    /// The name the person is spoken to by.
    name: String,
    given: String,
    middle: Option<String>,
    family: String,
    suffix: Option<String>,
    preferred_name: Option<String>,
    previous_names: Vec<String>,
    pronouns: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    birth_date: Option<Date>,
    birth_date_estimated: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    deceased_at: Option<Timestamp>,
    sex_administrative: Sex,
    /// HL7 v3 MaritalStatus code.
    marital_status: Option<String>,
    /// BCP 47, the preferred one first.
    languages: Vec<String>,
    presenting_concern: Option<String>,
    payment_mode: Option<PaymentMode>,
    status: Status,
    version: i64,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl Client {
    fn of(chart: &Chart) -> Self {
        let (row, who) = (chart.row(), chart.demographics());
        Self {
            id: row.id,
            mrn: row.mrn.clone(),
            name: chart.display_name(),
            given: who.given,
            middle: who.middle,
            family: who.family,
            suffix: who.suffix,
            preferred_name: who.preferred_name,
            previous_names: who.previous_names,
            pronouns: who.pronouns,
            birth_date: who.birth_date,
            birth_date_estimated: who.birth_date_estimated,
            deceased_at: row.deceased_at,
            sex_administrative: row.sex_administrative,
            marital_status: who.marital_status,
            languages: who.languages,
            presenting_concern: who.presenting_concern,
            payment_mode: who.payment_mode,
            status: row.status,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// What may be said about who a client is.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct ClientFields {
    given: Option<String>,
    middle: Option<String>,
    family: Option<String>,
    suffix: Option<String>,
    preferred_name: Option<String>,
    previous_names: Option<Vec<String>>,
    pronouns: Option<String>,
    /// `YYYY-MM-DD`.
    birth_date: Option<String>,
    birth_date_estimated: Option<bool>,
    /// `female`, `male`, `other`, `unknown`.
    sex_administrative: Option<String>,
    /// HL7 v3 MaritalStatus code.
    marital_status: Option<String>,
    /// BCP 47, the preferred one first.
    languages: Option<Vec<String>>,
    presenting_concern: Option<String>,
    /// `self_pay`, `insurance`, `eap`, `other_program`.
    payment_mode: Option<String>,
}

impl ClientFields {
    fn of(who: &Demographics) -> Self {
        Self {
            given: Some(who.given.clone()),
            middle: who.middle.clone(),
            family: Some(who.family.clone()),
            suffix: who.suffix.clone(),
            preferred_name: who.preferred_name.clone(),
            previous_names: Some(who.previous_names.clone()),
            pronouns: who.pronouns.clone(),
            birth_date: who.birth_date.map(|date| date.to_string()),
            birth_date_estimated: Some(who.birth_date_estimated),
            sex_administrative: who.sex.map(|sex| sex.word().to_owned()),
            marital_status: who.marital_status.clone(),
            languages: Some(who.languages.clone()),
            presenting_concern: who.presenting_concern.clone(),
            payment_mode: who.payment_mode.map(|mode| mode.word().to_owned()),
        }
    }

    fn into_form(self) -> ClientForm {
        ClientForm {
            given: self.given.unwrap_or_default(),
            middle: self.middle.unwrap_or_default(),
            family: self.family.unwrap_or_default(),
            suffix: self.suffix.unwrap_or_default(),
            preferred_name: self.preferred_name.unwrap_or_default(),
            previous_names: self.previous_names.unwrap_or_default().join(", "),
            pronouns: self.pronouns.unwrap_or_default(),
            birth_date: self.birth_date.unwrap_or_default(),
            birth_date_estimated: if self.birth_date_estimated.unwrap_or_default() {
                "on".to_owned()
            } else {
                String::new()
            },
            sex_administrative: self.sex_administrative.unwrap_or_default(),
            marital_status: self.marital_status.unwrap_or_default(),
            languages: self.languages.unwrap_or_default().join(", "),
            presenting_concern: self.presenting_concern.unwrap_or_default(),
            payment_mode: self.payment_mode.unwrap_or_default(),
            ..ClientForm::default()
        }
    }
}

/// A registration.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Registration {
    given: String,
    middle: Option<String>,
    family: String,
    suffix: Option<String>,
    preferred_name: Option<String>,
    previous_names: Option<Vec<String>>,
    pronouns: Option<String>,
    /// `YYYY-MM-DD`.
    birth_date: String,
    birth_date_estimated: Option<bool>,
    /// `female`, `male`, `other`, `unknown`.
    sex_administrative: Option<String>,
    /// HL7 v3 MaritalStatus code.
    marital_status: Option<String>,
    /// BCP 47, the preferred one first.
    languages: Option<Vec<String>>,
    presenting_concern: Option<String>,
    /// `self_pay`, `insurance`, `eap`, `other_program`.
    payment_mode: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    address_line: Option<String>,
    city: Option<String>,
    state: Option<String>,
    postal_code: Option<String>,
    /// The primary clinician.
    clinician: Option<UserId>,
    /// The likely duplicates were looked at, and this is another person.
    different_person: bool,
}

impl Registration {
    fn into_form(self) -> ClientForm {
        let fields = ClientFields {
            given: Some(self.given),
            middle: self.middle,
            family: Some(self.family),
            suffix: self.suffix,
            preferred_name: self.preferred_name,
            previous_names: self.previous_names,
            pronouns: self.pronouns,
            birth_date: Some(self.birth_date),
            birth_date_estimated: self.birth_date_estimated,
            sex_administrative: self.sex_administrative,
            marital_status: self.marital_status,
            languages: self.languages,
            presenting_concern: self.presenting_concern,
            payment_mode: self.payment_mode,
        };
        ClientForm {
            phone: self.phone.unwrap_or_default(),
            email: self.email.unwrap_or_default(),
            address_line: self.address_line.unwrap_or_default(),
            city: self.city.unwrap_or_default(),
            state: self.state.unwrap_or_default(),
            postal_code: self.postal_code.unwrap_or_default(),
            clinician: self.clinician.map(|id| id.to_string()).unwrap_or_default(),
            different_person: if self.different_person {
                "on".to_owned()
            } else {
                String::new()
            },
            ..fields.into_form()
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Items on a page: 1 to 200, 50 when absent.
    limit: Option<i64>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Any name, record number, phone, e-mail or birth date; best match first, one page.
    q: Option<String>,
    /// Only this status.
    status: Option<String>,
    /// Only one's own caseload.
    mine: bool,
}

/// Clients within the caller's reach, by name.
#[utoipa::path(get, path = "/api/v1/clients", tag = "clients", params(Wanted), responses(
    (status = 200, description = "A page of clients", body = List<ClientLine>),
    (status = 400, description = "The query can't be read"), (status = 401, description = "Not signed in"),
    (status = 403, description = "Not allowed"), (status = 422, description = "Unknown status"),
    (status = 429, description = "Too many requests"), (status = 503, description = "Try again"),
))]
async fn list(ask: Ask, Query(wanted): Query<Wanted>) -> Result<Json<List<ClientLine>>, Failure> {
    let paging = Paging {
        limit: wanted.limit,
        cursor: wanted.cursor,
    };
    let list = if let Some(query) = &wanted.q {
        let found = search::search(&ask.tx, &ask.actor, query, i32::try_from(paging.limit()).unwrap_or(50)).await?;
        let line = |one: search::Found| ClientLine {
            id: one.id,
            mrn: one.mrn,
            name: one.name,
            birth_date: one.birth_date,
            status: one.status,
            clinician: one.clinician,
        };
        List {
            items: found.into_iter().map(line).collect(),
            next: None,
        }
    } else {
        let unknown = |_| Failure(Refusal::field("status", "unknown", "This status is not known."));
        let status = wanted
            .status
            .as_deref()
            .map(str::parse::<Status>)
            .transpose()
            .map_err(unknown)?;
        let rows = super::pages::lines(&ask, wanted.mine, status, false, paging.after()?, paging.limit()).await?;
        List::cut(rows, paging.limit(), |line| super::pages::place(line, false)).map(|line| ClientLine {
            name: spoken_name(line.preferred_name.as_deref(), &line.given, &line.family),
            id: line.id,
            mrn: line.mrn,
            birth_date: line.birth_date,
            status: line.status,
            clinician: line.clinician,
        })
    };
    ask.tx.commit().await?;
    Ok(Json(list))
}

/// Registers a client.
#[utoipa::path(post, path = "/api/v1/clients", tag = "clients", request_body = Registration,
    params(("Idempotency-Key" = String, Header, description = "A UUID of your own; a repetition gets the first answer.")), responses(
    (status = 201, description = "Registered", body = Client),
    (status = 400, description = "The body can't be read"), (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed"),
    (status = 409, description = "likely_duplicate: compare, then send different_person"), (status = 422, description = "Invalid values"),
    (status = 429, description = "Too many requests"), (status = 503, description = "Try again"),
))]
async fn create(ask: Ask, draft: Draft<Registration>) -> Result<Response, Failure> {
    if let Some(first) = draft.once.take(&ask).await? {
        return Ok(first);
    }
    let new = draft
        .body
        .into_form()
        .registration(ask.actor.today(ask.tx.now()))
        .map_err(|problems| Failure(Refusal::Invalid(problems)))?;
    let id = ops::register(&ask.tx, &ask.actor, new).await?;
    let chart = open_chart(&ask.tx, &ask.actor, id, Permission::ClientRead).await?;
    let answer = Created {
        location: format!("/api/v1/clients/{id}"),
        version: chart.version(),
        body: Client::of(&chart),
    };
    draft.once.created(ask, answer).await
}

/// One client.
#[utoipa::path(get, path = "/api/v1/clients/{id}", tag = "clients", params(("id" = ClientId, Path)), responses(
    (status = 200, description = "The client; its version is the ETag", body = Client),
    (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed"), (status = 404, description = "Unknown or out of reach"),
    (status = 429, description = "Too many requests"), (status = 503, description = "Try again"),
))]
async fn read(ask: Ask, Path(id): Path<String>) -> Result<Tagged<Client>, Failure> {
    let chart = open_chart(&ask.tx, &ask.actor, client_id(&id)?, Permission::ClientRead).await?;
    ask.tx.commit().await?;
    Ok(Tagged(chart.version(), Client::of(&chart)))
}

/// Changes a client by merge patch (RFC 7396): absent fields stay, null empties.
#[utoipa::path(patch, path = "/api/v1/clients/{id}", tag = "clients", request_body(content = ClientFields, content_type = "application/merge-patch+json"),
    params(("id" = ClientId, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")), responses(
    (status = 200, description = "The client as it is now", body = Client),
    (status = 400, description = "The body can't be read"), (status = 401, description = "Not signed in"), (status = 403, description = "Not allowed"),
    (status = 404, description = "Unknown or out of reach"), (status = 412, description = "Changed meanwhile"), (status = 422, description = "Invalid values"),
    (status = 428, description = "If-Match is missing"), (status = 429, description = "Too many requests"), (status = 503, description = "Try again"),
))]
async fn patch(
    ask: Ask,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Json(patch): Json<Value>,
) -> Result<Tagged<Client>, Failure> {
    let id = client_id(&id)?;
    let chart = open_chart(&ask.tx, &ask.actor, id, Permission::ClientEdit).await?;
    let before = chart.demographics();
    let mut problems = Problems::default();
    let who = merged(&before, patch)?
        .into_form()
        .demographics(&before, ask.actor.today(ask.tx.now()), &mut problems);
    if !problems.is_empty() {
        return Err(Failure(Refusal::Invalid(problems)));
    }
    let chart = ops::update_demographics(&ask.tx, &ask.actor, id, version, &who).await?;
    ask.tx.commit().await?;
    Ok(Tagged(chart.version(), Client::of(&chart)))
}

fn merged(before: &Demographics, patch: Value) -> Result<ClientFields, Failure> {
    let Value::Object(changes) = patch else {
        return Err(Failure(Refusal::Malformed(
            "Send a JSON object with the fields to change.".to_owned(),
        )));
    };
    let mut whole = serde_json::to_value(ClientFields::of(before)).map_err(|error| Failure::fault(&error))?;
    if let Value::Object(fields) = &mut whole {
        fields.extend(changes);
    }
    serde_json::from_value(whole).map_err(|error| Failure(Refusal::field("body", "shape", format!("{error}."))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn int_patch_keeps_what_it_does_not_name() {
        let before = Demographics {
            given: "John".into(),
            family: "Smith".into(),
            pronouns: Some("he/him".into()),
            languages: vec!["en".into()],
            ..Demographics::default()
        };
        let form = merged(&before, serde_json::json!({ "family": "Smythe", "pronouns": null }))
            .unwrap()
            .into_form();
        assert_eq!(
            (
                form.given.as_str(),
                form.family.as_str(),
                form.pronouns.as_str(),
                form.languages.as_str()
            ),
            ("John", "Smythe", "", "en")
        );
        assert!(merged(&before, serde_json::json!({ "mrn": "7" })).is_err());
        assert!(merged(&before, serde_json::json!([])).is_err());
    }
}
