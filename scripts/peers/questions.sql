-- What Footpath's core answers, put to DuckDB over the table `loaded`. Statements end with a line's last semicolon.
-- A page is a path with all but its first part folded, since the demo shop's lists stand there.

create table events as
select user_id, session_id, time, path, lower(css) as css, lower(text) as text,
  regexp_replace(path, '^(/[^/]+)/.+$', '\1/:id') as page
from loaded where session_id <> '' and path <> '' and time is not null;

-- Each event with the next of its session, and its place there.
create table steps as
select *, lead(page) over session as next_page, lag(page) over session as last_page,
  epoch(lead(time) over session) - epoch(time) as gap,
  page = '/checkout' and text like '%place order%' as is_goal,
  css like '%error%' or regexp_matches(text, 'error|404|timeout|failed|invalid|missing') as is_error
from events window session as (partition by user_id, session_id order by time);

create table sessions as
select user_id, session_id, min(time) as began, max(time) as ended, count(*) as events,
  arg_min(page, time) as entry, arg_max(page, time) as exit,
  bool_or(is_goal) as converted, bool_or(is_error) as has_error,
  list(page order by time) filter (where page is distinct from last_page) as flow
from steps group by user_id, session_id;

-- Totals.
select count(*), count(distinct user_id), min(time), max(time) from events;
select count(*), median(events), median(epoch(ended) - epoch(began)) from sessions;

-- Conversion, and how sessions with errors compare.
select has_error, count(*), count(*) filter (where converted), avg(converted::int) from sessions group by has_error;

-- Entries and exits.
select entry, count(*), count(*) filter (where converted) from sessions group by entry order by 2 desc limit 50;
select exit, count(*) from sessions where not converted group by exit order by 2 desc limit 50;

-- Pages, with what visitors dwell on them.
select page, count(*), count(distinct (user_id, session_id)),
  median(gap) filter (where gap < 1800), avg(gap) filter (where gap < 1800), count(*) filter (where is_error)
from steps group by page order by 3 desc limit 50;

-- Transitions and variants.
select page, next_page, count(*) from steps where next_page is not null and next_page <> page
group by page, next_page order by 3 desc limit 100;
select flow, count(*), count(*) filter (where converted) from sessions group by flow order by 2 desc limit 100;

-- The funnel: each step after the one before.
with a as (select user_id, session_id, min(time) as at from events where page = '/products/:id' group by all),
  b as (select user_id, session_id, min(e.time) as at from events e join a using (user_id, session_id)
    where e.time >= a.at and text like '%add to cart%' group by all),
  c as (select user_id, session_id, min(e.time) as at from events e join b using (user_id, session_id)
    where e.time >= b.at and e.page = '/checkout' group by all),
  d as (select user_id, session_id, min(e.time) as at from events e join c using (user_id, session_id)
    where e.time >= c.at and e.page = '/checkout' and text like '%place order%' group by all)
select (select count(*) from a), (select count(*) from b), (select count(*) from c), (select count(*) from d);

-- Gaps.
select page, count(*), max(gap) from steps where gap > 300 group by page order by 2 desc limit 50;
select quantile_cont(gap, [0.5, 0.9, 0.99]) from steps where gap is not null;

-- Durations.
select converted, quantile_cont(epoch(ended) - epoch(began), [0.1, 0.25, 0.5, 0.75, 0.9]) from sessions group by converted;
