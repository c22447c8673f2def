-- Imports that were run, each with its report, so that a page and a reload show what became of every file.

create table import_job (
    practice_id     uuid not null references practice,
    id              uuid not null,
    source_kind     text not null,
    dry_run         boolean not null,
    started_at      timestamptz not null,
    finished_at     timestamptz not null,
    started_by      uuid,
    starter         text not null,
    files           integer not null,
    entries         integer not null,
    clients_created integer not null,
    refused         integer not null,
    report          jsonb not null,
    primary key (practice_id, id),
    constraint import_job_source_kind_known check (source_kind in ('fhir_bundle'))
);
comment on table import_job is 'A run of an import with its report. Insert-only.';
comment on column import_job.starter is 'Who started it, in words: a person''s name or the command line.';
comment on column import_job.refused is 'Entries refused, and files that could not be read or stored.';
comment on column import_job.report is 'What became of each file; may repeat what stands in the files.';
create index import_job_newest on import_job (practice_id, started_at desc, id desc);
call isolate('import_job');
grant select, insert on import_job to mentalspace_app;

-- Published for the bridge to FHIR: whoever treats or is known to treat, inside the practice and outside it, without any account's state.
create view practitioner_entry with (security_invoker = true) as
select u.practice_id, u.id, u.family_name as family, u.given_name as given, null::text as prefix, u.credentials as suffix, u.npi,
       null::text as phone, null::text as email, u.status = 'active' as active, u.version, u.updated_at
  from app_user u
 where u.bookable or exists (select from user_role r where r.practice_id = u.practice_id and r.user_id = u.id
                                and r.role in ('clinician', 'supervisor', 'supervisee', 'intern'))
union all
select p.practice_id, p.id, p.family, p.given, p.prefix, p.suffix, p.npi, p.phone, p.email, p.active, p.version, p.created_at
  from external_provider p;
comment on view practitioner_entry is 'FHIR Practitioner: the practice''s own clinicians and professionals outside it.';
grant select on practitioner_entry to mentalspace_app;
