-- The application's role and the platform's own tables. Conventions for every later migration:
-- keys are (practice_id, id); row-level security is on and forced; constraints are named table_rule.

-- The role is made by whoever made the cluster where roles are managed outside; here only if it is absent.
do $$
begin
    if not exists (select from pg_roles where rolname = 'mentalspace_app') then
        create role mentalspace_app login nosuperuser nocreatedb nocreaterole nobypassrls;
    end if;
end
$$;

create extension if not exists btree_gist;
create extension if not exists pg_trgm;
create extension if not exists unaccent;

grant usage on schema public to mentalspace_app;

-- The practice of the current transaction. An ended `set local` leaves an empty string, hence nullif.
create function current_practice() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('app.practice_id', true), '')::uuid;
comment on function current_practice() is 'The practice that this transaction belongs to, or null.';

-- Every table gets the same policy, so it stands once.
create procedure isolate(target regclass)
    language plpgsql as $$
begin
    execute format('alter table %s enable row level security', target);
    execute format('alter table %s force row level security', target);
    execute format('create policy practice_isolation on %s using (practice_id = nullif(current_setting(''app.practice_id'', true), '''')::uuid)', target);
end
$$;
comment on procedure isolate(regclass) is 'Turns on row-level security by practice, forced also on the owner of the table.';

create table practice_key (
    practice_id uuid primary key,
    wrapped     bytea not null
);
comment on table practice_key is 'The data key of each practice, wrapped by the installation''s master key.';
comment on column practice_key.wrapped is 'AES-256-GCM: 12 bytes nonce, then the sealed key and tag.';
call isolate('practice_key');
grant select, insert on practice_key to mentalspace_app;

create table job (
    practice_id  uuid not null,
    id           uuid not null,
    kind         text not null,
    key          text not null,
    payload      jsonb not null,
    due_at       timestamptz not null,
    leased_until timestamptz,
    tries        integer not null default 0,
    dead         boolean not null default false,
    last_error   text,
    created_at   timestamptz not null,
    primary key (practice_id, id),
    constraint job_key_unique unique (practice_id, kind, key)
);
comment on table job is 'Work that follows from a change. A done job is removed; a dead one waits for a person.';
create index job_due on job (due_at) where not dead;
call isolate('job');
grant select, insert, update, delete on job to mentalspace_app;

-- Workers serve all practices, so taking jobs must see past the policy. It hands out nothing but due jobs.
create function job_claim(now_at timestamptz, lease timestamptz, batch bigint)
    returns table (practice_id uuid, id uuid, kind text, payload jsonb, tries integer)
    language sql security definer set search_path = public as $$
    with due as (
        select j.practice_id, j.id from job j
         where not j.dead and j.due_at <= now_at and (j.leased_until is null or j.leased_until <= now_at)
         order by j.due_at limit batch for update skip locked)
    update job j set leased_until = lease, tries = j.tries + 1
      from due where j.practice_id = due.practice_id and j.id = due.id
    returning j.practice_id, j.id, j.kind, j.payload, j.tries
$$;
comment on function job_claim(timestamptz, timestamptz, bigint) is 'Takes due jobs of every practice with a lease.';

create table event (
    practice_id uuid not null,
    id          uuid not null,
    occurred_at timestamptz not null,
    name        text not null,
    subject_id  uuid not null,
    client_id   uuid,
    actor_id    uuid,
    facts       jsonb not null,
    primary key (practice_id, id)
);
comment on table event is 'What happened, in the transaction in which it happened. Ids and codes only.';
create index event_client on event (practice_id, client_id, id desc) where client_id is not null;
call isolate('event');
grant select, insert on event to mentalspace_app;

create table mail (
    practice_id uuid not null,
    id          uuid not null,
    created_at  timestamptz not null,
    recipient   text not null,
    subject     text not null,
    body        text not null,
    sent_at     timestamptz,
    primary key (practice_id, id)
);
comment on table mail is 'Outgoing mail. It carries no PHI.';
create index mail_newest on mail (practice_id, created_at desc, id desc);
call isolate('mail');
grant select, insert on mail to mentalspace_app;
grant update (sent_at) on mail to mentalspace_app;
