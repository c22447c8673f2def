-- Finding clients by name with one typo, part of a name, record number, phone, e-mail or birth date.
--
-- Each client has one row of tokens: 64-bit hashes seeded with the practice, so that one practice's search never meets
-- another's entries in the index. A word gives its beginnings (p:) and itself with each one letter left out (d:); two
-- words one typo apart share a d: token (symmetric deletion). Digits of phones, record numbers, e-mails and birth dates
-- give tokens of their own.

create table client_search (
    practice_id uuid not null,
    client_id   uuid not null,
    words       text not null,
    sort_name   text not null,
    tokens      bigint[] not null,
    primary key (practice_id, client_id),
    constraint client_search_client foreign key (practice_id, client_id) references client on delete cascade
);
comment on table client_search is 'What a client can be found by; written by triggers, read by the function client_search alone.';
comment on column client_search.words is 'Names in small letters without accents, with a space before and behind each.';
call isolate('client_search');
-- Only the owner's functions touch this table, and they name the practice themselves; the policy would keep && from the index.
alter table client_search no force row level security;
create index client_search_tokens on client_search using gin (tokens);

create function client_search_fold(raw text) returns text
    language sql stable parallel safe set search_path = public as $$
    select btrim(regexp_replace(replace(replace(lower(unaccent(coalesce(raw, ''))), '''', ''), '’', ''), '[\s!-/:-@\x5b-\x60{-~]+', ' ', 'g'))
$$;
comment on function client_search_fold(text) is 'Small letters, no accents, no apostrophes, one space between words.';

create function client_search_misspellings(word text) returns setof text
    language sql immutable parallel safe as $$
    select 'd:' || word
    union
    select 'd:' || left(word, n - 1) || substr(word, n + 1) from generate_series(1, least(length(word), 16)) n where length(word) >= 4
$$;
comment on function client_search_misspellings(text) is 'The word, and the word with each one letter left out.';

create function client_search_number(digits text) returns setof text
    language sql immutable parallel safe as $$
    select 'n:' || part from (values (right(digits, 10)), (right(digits, 7)), (right(digits, 4)), (left(right(digits, 10), 3)), (left(right(digits, 7), 3))) parts (part)
     where length(digits) >= 7
$$;
comment on function client_search_number(text) is 'A phone number whole, without area, its last four, its area and its exchange.';

-- The row of one client, from the client and its current contact points.
create function client_search_row(practice uuid, client uuid) returns setof client_search
    language sql stable set search_path = public as $$
    with c as (
        select k.*, client_search_fold(concat_ws(' ', k.family, k.given, k.middle, k.preferred_name, array_to_string(k.previous_names, ' '))) as names,
               hashtextextended(k.practice_id::text, 0) as seed
          from client k where k.practice_id = practice and k.id = client and k.status not in ('entered_in_error', 'merged')),
    word as (select distinct w from c, unnest(string_to_array(c.names, ' ')) w where w <> ''),
    token as (
        select 'p:' || left(w, n) as t from word, generate_series(least(2, length(w)), least(length(w), 10)) n
        union select client_search_misspellings(w) from word
        union select 'm:' || client_search_fold(mrn) from c
        union select 'm:' || ltrim(regexp_replace(mrn, '\D', '', 'g'), '0') from c
        union select 'b:' || to_char(birth_date, 'YYYYMMDD') from c where birth_date is not null
        union select client_search_number(regexp_replace(p.value, '\D', '', 'g')) from client_contact_point p
               where p.practice_id = practice and p.client_id = client and p.kind = 'phone' and p.valid_to is null
        union select 'e:' || lower(p.value) from client_contact_point p
               where p.practice_id = practice and p.client_id = client and p.kind = 'email' and p.valid_to is null)
    select c.practice_id, c.id, ' ' || c.names || ' ', c.sort_name,
           (select coalesce(array_agg(hashtextextended(token.t, c.seed)), '{}') from token)
      from c
$$;
comment on function client_search_row(uuid, uuid) is 'What client_search should hold for one client.';

create function client_search_refresh(practice uuid, client uuid) returns void
    language plpgsql security definer set search_path = public as $$
begin
    insert into client_search select * from client_search_row(practice, client)
        on conflict (practice_id, client_id) do update set words = excluded.words, sort_name = excluded.sort_name, tokens = excluded.tokens;
    if not found then
        delete from client_search s where s.practice_id = practice and s.client_id = client;
    end if;
end
$$;
comment on function client_search_refresh(uuid, uuid) is 'Brings one client''s search row up to date; also for rebuilding after a bulk load.';
revoke all on function client_search_refresh(uuid, uuid) from public;

create function client_search_follow_client() returns trigger
    language plpgsql security definer set search_path = public as $$
begin
    perform client_search_refresh(new.practice_id, new.id);
    return null;
end
$$;
create trigger client_search_follow after insert or update of family, given, middle, preferred_name, previous_names, birth_date, status on client
    for each row execute function client_search_follow_client();

create function client_search_follow_contact() returns trigger
    language plpgsql security definer set search_path = public as $$
begin
    if new.kind <> 'postal' then
        perform client_search_refresh(new.practice_id, new.client_id);
    end if;
    return null;
end
$$;
create trigger client_search_follow after insert or update of value, valid_to on client_contact_point
    for each row execute function client_search_follow_contact();

-- What a typed word may stand for.
create function client_search_meanings(seed bigint, word text) returns bigint[]
    language sql immutable strict parallel safe set search_path = public as $$
    select array_agg(hashtextextended(t, seed)) from (
        select 'm:' || word as t
        union select 'm:' || ltrim(word, '0') where word ~ '^\d+$'
        union select 'n:' || right(word, 10) where word ~ '^\d{3,}$'
        union select 'p:' || left(word, 10)
        union select client_search_misspellings(word) where word !~ '^\d+$') meanings
$$;

-- Best match first, within the caller's practice and reach. At most three words count; each must match.
create function client_search(query text, wanted_limit integer, scope_user uuid, whole_practice boolean, on_day date)
    returns table (client_id uuid, place bigint)
    language plpgsql stable security definer set search_path = public set plan_cache_mode = force_custom_plan as $$
declare
    practice uuid := nullif(current_setting('app.practice_id', true), '')::uuid;
    seed     bigint := hashtextextended(practice::text, 0);
    typed    text := btrim(left(query, 200));
    parts    text[];
    folded   text;
    word     text[];
    wanted   bigint[];
    first    bigint[];
    second   bigint[];
    third    bigint[];
    reach    uuid[];
begin
    parts := regexp_match(typed, '(\d{1,2})[/.](\d{1,2})[/.](\d{4})');
    if parts is not null then
        wanted := array[hashtextextended('b:' || parts[3] || lpad(parts[1], 2, '0') || lpad(parts[2], 2, '0'), seed)];
        typed := btrim(regexp_replace(typed, '\d{1,2}[/.]\d{1,2}[/.]\d{4}', ' '));
    else
        parts := regexp_match(typed, '(\d{4})-(\d{1,2})-(\d{1,2})');
        if parts is not null then
            wanted := array[hashtextextended('b:' || parts[1] || lpad(parts[2], 2, '0') || lpad(parts[3], 2, '0'), seed)];
            typed := btrim(regexp_replace(typed, '\d{4}-\d{1,2}-\d{1,2}', ' '));
        end if;
    end if;
    if typed ~ '^\S+@\S+$' then
        word := array['@'];
        first := array[hashtextextended('e:' || lower(typed), seed)];
    elsif typed ~ '^[\d\s().+-]{3,}$' then
        word := array[regexp_replace(typed, '\D', '', 'g')];
    else
        word := string_to_array(client_search_fold(typed), ' ');
    end if;
    folded := client_search_fold(typed);
    if first is null and word[1] <> '' then
        first := client_search_meanings(seed, word[1]);
    end if;
    if first is null then
        first := wanted;
        wanted := null;
    end if;
    if first is null then
        return;
    end if;
    -- A missing word asks for the first again, so that one statement serves any number.
    second := coalesce(client_search_meanings(seed, nullif(word[2], '')), first);
    third := coalesce(wanted, client_search_meanings(seed, nullif(word[3], '')), first);
    if not whole_practice then
        select coalesce(array_agg(distinct a.client_id), '{}') into reach from assignment a
         where a.practice_id = practice and a.user_id = scope_user and a.valid_from <= on_day and (a.valid_to is null or a.valid_to > on_day);
    end if;
    return query
    select ranked.client_id, row_number() over (order by ranked.score desc, ranked.likeness desc, ranked.sort_name, ranked.client_id)
      from (select scored.*, case when scored.score >= 3 * cardinality(word) then 0 else similarity(scored.words, folded) end as likeness
              from (select s.client_id, s.words, s.sort_name,
                           (select coalesce(sum(case when strpos(s.words, ' ' || w || ' ') > 0 then 4 when strpos(s.words, ' ' || w) > 0 then 3 else 1 end), 0)
                              from unnest(word) w) as score
                      from client_search s
                     where s.practice_id = practice and s.tokens && first and s.tokens && second and s.tokens && third
                       and (whole_practice or s.client_id = any (reach))) scored) ranked
     order by 2 limit wanted_limit;
end
$$;
comment on function client_search(text, integer, uuid, boolean, date) is 'Clients of the current practice that a typed text may mean, best first, within the caller''s reach.';
