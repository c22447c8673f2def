//! One bundle into one transaction: patients first, then what is theirs, then everything as it came.
//!
//! Set-wise throughout: the number of statements depends on the number of patients, not of entries.

use std::collections::{HashMap, HashSet};

use clients::{Category, ExternalKey, ImportedClient, KeptResource};
use fhir::draft::{Draft, ProviderDraft};
use fhir::{Bundle, Interpreted, Outcome, Reference};
use identity::Actor;
use identity::audit::{self, Action, Entry, Purpose};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::{ClientId, ImportId, Permission};
use platform::events::{self, Event};
use platform::{StoreError, Tx};
use serde_json::json;

use super::report::{FileReport, Refusal, Warning};
use super::{FileError, key, shape, share};

/// Resources that go to the database in one statement.
const CHUNK: usize = 400;

/// A bundle understood.
pub(super) struct Parsed {
    bundle: Bundle,
    pub(super) entries: Vec<Interpreted>,
    keys: Vec<ExternalKey>,
}

/// What a bundle became.
#[derive(Default)]
pub(super) struct Brought {
    clients: Vec<ClientId>,
    clients_created: usize,
    native_created: usize,
    kept_created: usize,
    warnings: Vec<Warning>,
}

/// Reads bytes on a thread of its own, since a large bundle takes a while.
pub(super) async fn parse(bytes: Vec<u8>, today: Date) -> Result<Parsed, FileError> {
    let read = tokio::task::spawn_blocking(move || {
        let bundle = fhir::read(&bytes, today)?;
        Ok::<_, fhir::BundleError>(understand(bundle, &HashSet::new()))
    });
    Ok(read.await??)
}

fn understand(bundle: Bundle, known: &HashSet<ExternalKey>) -> Parsed {
    let entries = fhir::interpret(&bundle, &|patient| {
        key::of_reference(patient).iter().any(|key| known.contains(key))
    });
    let keys = key::keys(&bundle, &entries);
    Parsed { bundle, entries, keys }
}

impl Parsed {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Patients named that are not in the bundle.
    fn strangers(&self) -> Vec<ExternalKey> {
        let outside = self
            .entries
            .iter()
            .filter_map(|entry| entry.patient.as_ref())
            .filter(|patient| patient.entry().is_none());
        outside
            .flat_map(key::of_reference)
            .collect::<HashSet<_>>()
            .into_iter()
            .collect()
    }

    pub(super) fn native(&self) -> impl Iterator<Item = (usize, &Draft)> {
        self.entries.iter().filter_map(|entry| match &entry.outcome {
            Outcome::Native(draft) => Some((entry.index, draft)),
            Outcome::Kept(_) | Outcome::Refused(_) => None,
        })
    }

    pub(super) fn providers(&self) -> HashMap<usize, &ProviderDraft> {
        self.native()
            .filter_map(|(index, draft)| {
                if let Draft::Provider(provider) = draft {
                    Some((index, provider.as_ref()))
                } else {
                    None
                }
            })
            .collect()
    }

    pub(super) fn key(&self, index: usize) -> ExternalKey {
        self.keys.get(index).cloned().unwrap_or_default()
    }

    /// The draft at a place; `None` where the entry didn't become a record.
    pub(super) fn native_at(&self, index: usize) -> Option<&Draft> {
        match &self.entries.get(index)?.outcome {
            Outcome::Native(draft) => Some(draft),
            Outcome::Kept(_) | Outcome::Refused(_) => None,
        }
    }

    /// What people and scripts are told.
    pub(super) fn report(&self, file: &str, brought: &Brought) -> FileReport {
        let count = fhir::count(&self.entries);
        let mut report = FileReport {
            file: file.to_owned(),
            entries: self.entries.len(),
            clients_created: brought.clients_created,
            native: count.native,
            native_created: brought.native_created,
            kept: count.kept,
            kept_created: brought.kept_created,
            refused: count.refused,
            ..FileReport::default()
        };
        for entry in &self.entries {
            let kind = if entry.kind.is_empty() { "unknown" } else { &entry.kind };
            *report.types.entry(kind.to_owned()).or_default() += 1;
            if let Outcome::Refused(refusal) = &entry.outcome {
                let (reason, message) = (refusal.code.to_string(), refusal.message.clone());
                report.refusals.push(Refusal {
                    file: file.to_owned(),
                    entry: Some(entry.index),
                    reason,
                    message,
                });
            }
            for warning in &entry.warnings {
                let (reason, message) = (warning.code.to_string(), warning.message.clone());
                report.warn(Warning {
                    entry: entry.index,
                    path: warning.path.clone(),
                    reason,
                    message,
                });
            }
        }
        brought
            .warnings
            .iter()
            .cloned()
            .for_each(|warning| report.warn(warning));
        report
    }
}

/// Whose chart each entry goes to.
pub(super) struct Charts {
    by_entry: HashMap<usize, ClientId>,
    by_key: HashMap<ExternalKey, ClientId>,
}

impl Charts {
    pub(super) fn of(&self, patient: Option<&Reference>) -> Option<ClientId> {
        let patient = patient?;
        match patient.entry() {
            Some(index) => self.by_entry.get(&index).copied(),
            None => key::of_reference(patient)
                .iter()
                .find_map(|key| self.by_key.get(key).copied()),
        }
    }

    fn of_entry(&self, entry: &Interpreted) -> Option<ClientId> {
        self.by_entry
            .get(&entry.index)
            .copied()
            .or_else(|| self.of(entry.patient.as_ref()))
    }
}

/// Writes a bundle. Gives it back, since patients that only the database knows change what its entries become.
pub(super) async fn bring(
    tx: &Tx,
    actor: &Actor,
    import: ImportId,
    parsed: Parsed,
) -> Result<(Parsed, Brought), FileError> {
    let by_key = known_patients(tx, &parsed).await?;
    let parsed = if by_key.is_empty() {
        parsed
    } else {
        let known: HashSet<ExternalKey> = by_key.keys().cloned().collect();
        tokio::task::spawn_blocking(move || understand(parsed.bundle, &known)).await?
    };
    let mut brought = Brought::default();
    let by_entry = bring_patients(tx, actor, &parsed, &mut brought).await?;
    let charts = Charts { by_entry, by_key };
    brought.native_created += bring_providers(tx, actor, &parsed).await?;
    for (client, share) in share::shares(&parsed, &charts) {
        brought.native_created += share.bring(tx, actor, client, &parsed).await?;
        brought.clients.push(client);
    }
    brought.kept_created = keep(tx, actor, import, &parsed, &charts).await?;
    Ok((parsed, brought))
}

async fn known_patients(tx: &Tx, parsed: &Parsed) -> Result<HashMap<ExternalKey, ClientId>, StoreError> {
    let strangers = parsed.strangers();
    let found = clients::identify_many(tx, "client", &strangers).await?;
    Ok(strangers
        .into_iter()
        .zip(found)
        .filter_map(|(key, record)| Some((key, ClientId::from_uuid(record?))))
        .collect())
}

async fn bring_patients(
    tx: &Tx,
    actor: &Actor,
    parsed: &Parsed,
    brought: &mut Brought,
) -> Result<HashMap<usize, ClientId>, FileError> {
    let mut rows: Vec<(usize, ImportedClient, Option<ExternalKey>)> = Vec::new();
    for (index, draft) in parsed.native() {
        if let Draft::Client(draft) = draft {
            let number = draft
                .medical_record_number
                .as_ref()
                .and_then(|number| Some(ExternalKey::new(number.system.clone()?, number.value.clone())));
            rows.push((index, shape::client(parsed.key(index), draft, &actor.zone), number));
        }
    }
    if actor.may(Permission::ClientRead) {
        recognise(tx, actor, &rows, &mut brought.warnings).await?;
    }
    let imported: Vec<ImportedClient> = rows.iter().map(|(_, row, _)| row.clone()).collect();
    let answers = clients::import_clients(tx, actor, &imported).await?;
    brought.clients_created = answers.iter().filter(|answer| answer.created).count();
    brought.native_created += brought.clients_created;
    brought.clients.extend(answers.iter().map(|answer| answer.id));
    Ok(rows
        .iter()
        .zip(answers)
        .map(|((index, ..), answer)| (*index, answer.id))
        .collect())
}

/// A patient who comes under a new address but with a known record number and the same birth date is the same client.
async fn recognise(
    tx: &Tx,
    actor: &Actor,
    rows: &[(usize, ImportedClient, Option<ExternalKey>)],
    warnings: &mut Vec<Warning>,
) -> Result<(), FileError> {
    let sources: Vec<ExternalKey> = rows.iter().map(|(_, row, _)| row.source.clone()).collect();
    let known = clients::identify_many(tx, "client", &sources).await?;
    let new: Vec<_> = rows
        .iter()
        .zip(known)
        .filter(|(_, known)| known.is_none())
        .filter_map(|((index, row, number), _)| Some((*index, row, number.clone()?)))
        .collect();
    let numbers: Vec<ExternalKey> = new.iter().map(|(.., number)| number.clone()).collect();
    let found = clients::identify_many(tx, "client", &numbers).await?;
    let candidates: Vec<_> = new
        .into_iter()
        .zip(found)
        .filter_map(|(row, record)| Some((row, ClientId::from_uuid(record?))))
        .collect();
    for some in candidates.chunks(200) {
        let filter = clients::directory::PatientFilter {
            ids: Some(some.iter().map(|(_, id)| *id).collect()),
            ..Default::default()
        };
        let there = clients::directory::patients(tx, actor, &filter, 200)
            .await
            .map_err(chart_error)?;
        for ((index, row, _), id) in some {
            let born = there
                .iter()
                .find(|patient| patient.who.id == *id)
                .and_then(|patient| patient.who.birth_date);
            if born.is_some() && born == row.who.birth_date {
                clients::name_records(tx, "client", Some(*id), &[(row.source.clone(), id.uuid())]).await?;
            } else {
                warnings.push(Warning {
                    entry: *index,
                    path: format!("entry[{index}].resource.identifier"),
                    reason: "record_number_taken".to_owned(),
                    message: "A client with this record number but another birth date is here already, so this person was registered anew.".to_owned(),
                });
            }
        }
    }
    Ok(())
}

fn chart_error(error: clients::ChartError) -> FileError {
    FileError::Import(match error {
        clients::ChartError::Access(error) => error.into(),
        clients::ChartError::Store(error) => error.into(),
    })
}

async fn bring_providers(tx: &Tx, actor: &Actor, parsed: &Parsed) -> Result<usize, FileError> {
    let rows: Vec<_> = parsed
        .native()
        .filter_map(|(index, draft)| {
            if let Draft::Provider(draft) = draft {
                Some(shape::provider(parsed.key(index), draft))
            } else {
                None
            }
        })
        .collect();
    if rows.is_empty() {
        return Ok(0);
    }
    let answers = clients::add_external_providers(tx, actor, &rows).await?;
    Ok(answers.iter().filter(|answer| answer.created).count())
}

/// Keeps what has no home here as it came, and the originals of what has one. Gives how many of the former are new.
async fn keep(tx: &Tx, actor: &Actor, import: ImportId, parsed: &Parsed, charts: &Charts) -> Result<usize, FileError> {
    let mut created = 0;
    let mut rows: Vec<KeptResource> = Vec::with_capacity(CHUNK);
    let resources = parsed
        .entries
        .iter()
        .filter_map(|entry| kept_row(parsed, entry, charts, import, &actor.zone));
    for row in resources {
        rows.push(row);
        if rows.len() == CHUNK {
            created += keep_some(tx, actor, &rows).await?;
            rows.clear();
        }
    }
    created += keep_some(tx, actor, &rows).await?;
    Ok(created)
}

async fn keep_some(tx: &Tx, actor: &Actor, rows: &[KeptResource]) -> Result<usize, FileError> {
    let answers = clients::keep_resources(tx, actor, rows).await?;
    Ok(rows
        .iter()
        .zip(answers)
        .filter(|(row, answer)| answer.created && row.category != Category::Source)
        .count())
}

fn kept_row(
    parsed: &Parsed,
    entry: &Interpreted,
    charts: &Charts,
    import: ImportId,
    zone: &TimeZone,
) -> Option<KeptResource> {
    let content = parsed.bundle.entries.get(entry.index)?.text();
    let source = parsed.key(entry.index);
    let row = match &entry.outcome {
        Outcome::Refused(_) => return None,
        Outcome::Kept(kept) => shape::kept(source, &entry.kind, kept, content, zone),
        Outcome::Native(_) => KeptResource {
            source,
            resource_type: entry.kind.clone(),
            client: None,
            category: Category::Source,
            title: entry.kind.clone(),
            detail: None,
            status: None,
            happened_at: None,
            content: content.to_owned(),
            import: None,
        },
    };
    Some(KeptResource {
        client: charts.of_entry(entry),
        import: Some(import),
        ..row
    })
}

/// Notes the import in the audit log, and tells open pages when it changed something.
pub(super) async fn announce(
    tx: &Tx,
    actor: &Actor,
    import: ImportId,
    parsed: &Parsed,
    brought: &Brought,
) -> Result<(), StoreError> {
    let count = fhir::count(&parsed.entries);
    let facts = json!({
        "clients_created": brought.clients_created, "native": count.native, "native_created": brought.native_created,
        "kept": count.kept, "kept_created": brought.kept_created, "refused": count.refused,
    });
    let entry = Entry::new(Action::Execute, "import")
        .id(import.uuid())
        .purpose(Purpose::Operations)
        .detail(facts.clone());
    audit::record(tx, actor, entry).await?;
    if brought.native_created + brought.kept_created == 0 {
        return Ok(());
    }
    let touched: HashSet<ClientId> = brought.clients.iter().copied().collect();
    let topics = std::iter::once("clients".to_owned()).chain(touched.iter().map(|client| format!("clients/{client}")));
    events::publish(
        tx,
        Event {
            name: "clients.imported",
            subject: import.uuid(),
            client: None,
            actor: actor.user,
            facts,
            topics: topics.collect(),
        },
    )
    .await
}
