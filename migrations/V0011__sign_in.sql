-- Links that are sent to people, the limits of the second step, and what an account that was never used leaves behind.

create table one_time_token (
    practice_id uuid not null,
    id          uuid not null,
    user_id     uuid not null,
    purpose     text not null,
    secret_hash bytea not null,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    used_at     timestamptz,
    replaced_at timestamptz,
    primary key (practice_id, id),
    foreign key (practice_id, user_id) references app_user,
    constraint one_time_token_secret_unique unique (practice_id, secret_hash),
    constraint one_time_token_purpose_known check (purpose in ('invitation', 'password_reset'))
);
comment on table one_time_token is 'Links sent by mail. Each opens once, redeemed by a button so that mail scanners cannot spend it.';
comment on column one_time_token.replaced_at is 'When a newer link took its place.';
create index one_time_token_user on one_time_token (practice_id, user_id) where used_at is null and replaced_at is null;
call isolate('one_time_token');
grant select, insert, delete on one_time_token to mentalspace_app;
grant update (used_at, replaced_at) on one_time_token to mentalspace_app;

alter table session add column factor_tries smallint not null default 0;
comment on column session.factor_tries is 'Wrong codes shown at the second step; five end the session.';

create index sign_in_attempt_address on sign_in_attempt (practice_id, address, at desc);
create index authenticator_recovery on authenticator (practice_id, user_id, code_hash) where kind = 'recovery_code';
create index job_dead on job (practice_id, created_at desc, id desc) where dead;

-- Only an invitation nobody took up may be removed; everybody else stays, for the sake of the records they signed.
grant delete on app_user to mentalspace_app;
create function app_user_keep() returns trigger
    language plpgsql set search_path = public as $$
begin
    if old.last_sign_in is not null or old.status <> 'invited' then
        raise exception 'user_has_signed_in';
    end if;
    return old;
end
$$;
comment on function app_user_keep() is 'Refuses to delete a user who has ever come in.';
create trigger app_user_kept before delete on app_user
    for each row execute function app_user_keep();
