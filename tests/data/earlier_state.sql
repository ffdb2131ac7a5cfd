-- The state of commit f6329ae (schema 5) after four errors of two problems, as its daemon left it.
PRAGMA journal_mode = WAL;
PRAGMA user_version = 5;
BEGIN TRANSACTION;
CREATE TABLE alias (
  id INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE, grp TEXT NOT NULL, how TEXT NOT NULL,
  words TEXT NOT NULL, alike TEXT NOT NULL, key0 INTEGER, key1 INTEGER, key2 INTEGER,
  at_us INTEGER NOT NULL
) STRICT;
INSERT INTO "alias" VALUES(1,'v1:187eb1f78b9c8760','v1:187eb1f78b9c8760','first','pool
timed
=out','',NULL,NULL,NULL,1795509512114321);
INSERT INTO "alias" VALUES(2,'v1:c282fba0cfc2444d','v1:c282fba0cfc2444d','first','=cannot
load
order
*','',6784237672319498041,-3235601089287379934,-3105910848489449928,1795509512114321);
CREATE TABLE anchor (
  fingerprint TEXT PRIMARY KEY, episode INTEGER NOT NULL, at_us INTEGER NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE bucket (
  fingerprint TEXT NOT NULL, hour INTEGER NOT NULL, count INTEGER NOT NULL,
  collected INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (fingerprint, hour)
) STRICT, WITHOUT ROWID;
INSERT INTO "bucket" VALUES('v1:187eb1f78b9c8760',498752,3,0);
INSERT INTO "bucket" VALUES('v1:c282fba0cfc2444d',498752,1,0);
CREATE TABLE card (
  sink TEXT NOT NULL, fingerprint TEXT NOT NULL, message_id TEXT NOT NULL,
  posted_us INTEGER NOT NULL, sent_us INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (sink, fingerprint)
) STRICT, WITHOUT ROWID;
INSERT INTO "card" VALUES('console','v1:187eb1f78b9c8760','console-1',1795509512116619,1795509512116626,'first');
INSERT INTO "card" VALUES('console','v1:c282fba0cfc2444d','console-2',1795509512117354,1795509512117357,'first');
CREATE TABLE decision (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at_us INTEGER NOT NULL, fingerprint TEXT NOT NULL,
  why TEXT NOT NULL, severity TEXT NOT NULL, detail TEXT NOT NULL DEFAULT ''
) STRICT;
INSERT INTO "decision" VALUES(1,1795509512114321,'v1:187eb1f78b9c8760','told_first','critical','');
INSERT INTO "decision" VALUES(2,1795509512114321,'v1:c282fba0cfc2444d','told_first','warning','');
CREATE TABLE incident (
  fingerprint TEXT PRIMARY KEY, state TEXT NOT NULL, severity TEXT NOT NULL,
  category TEXT NOT NULL, tell TEXT NOT NULL, rule TEXT NOT NULL, template TEXT NOT NULL,
  sample TEXT NOT NULL, count INTEGER NOT NULL, episode INTEGER NOT NULL,
  episode_count INTEGER NOT NULL, opened_us INTEGER NOT NULL, first_seen_us INTEGER NOT NULL,
  last_seen_us INTEGER NOT NULL, active_us INTEGER NOT NULL, told_us INTEGER,
  reminders INTEGER NOT NULL, muted_until_us INTEGER, mute_until_count INTEGER,
  regressed INTEGER NOT NULL
, resolved_before_mute INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
INSERT INTO "incident" VALUES('v1:187eb1f78b9c8760','open','critical','database','at_once','database-lost-by-code','pool timed out','{"at":1770091200000000,"level":40,"message":"pool timed out","target":"app::jobs","code":"DB_POOL","request_id":"req-000000","dialect":"tracing","fields":{"span.name":"http"}}',3,1,3,1795509512114321,1770091200000000,1770091200000000,1795509512114321,1795509512114321,0,NULL,NULL,0,0);
INSERT INTO "incident" VALUES('v1:c282fba0cfc2444d','open','warning','application','at_once','error','cannot load order <n>','{"at":1770091200000000,"level":40,"message":"cannot load order 17","target":"app::jobs","request_id":"req-000000","dialect":"tracing","fields":{"span.name":"http"}}',1,1,1,1795509512114321,1770091200000000,1770091200000000,1795509512114321,1795509512114321,0,NULL,NULL,0,0);
CREATE TABLE link (
  fingerprint TEXT PRIMARY KEY, merged_into TEXT NOT NULL, kind TEXT NOT NULL,
  at_us INTEGER NOT NULL, state_then TEXT NOT NULL, events INTEGER NOT NULL DEFAULT 0,
  last_us INTEGER, undone_us INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE newcomer (
  service TEXT NOT NULL, target TEXT NOT NULL, last_us INTEGER NOT NULL, latest TEXT NOT NULL,
  PRIMARY KEY (service, target)
) STRICT, WITHOUT ROWID;
INSERT INTO "newcomer" VALUES('','app::jobs',1795509512114321,'[["v1:187eb1f78b9c8760", 1795509512114321], ["v1:c282fba0cfc2444d", 1795509512114321]]');
CREATE TABLE note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "note" VALUES('naming','{"version": "v1", "since_us": null, "at_us": 1795509509474589}');
INSERT INTO "note" VALUES('status','{"pid": 25381, "channel": 2, "events_since_start": 0, "defects_since_start": 0, "files": {"followed": 1, "behind": 0, "lag_bytes": 0, "worst": []}, "problems": {}, "sinks": {"console": {"delivered": 0, "last_delivered_at": null}}, "at_us": 1795509509547752}');
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, kind TEXT NOT NULL,
  subject TEXT NOT NULL, reason TEXT NOT NULL, payload TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'pending', attempts INTEGER NOT NULL DEFAULT 0,
  maybe_repeat INTEGER NOT NULL DEFAULT 0, created_us INTEGER NOT NULL,
  queued_us INTEGER NOT NULL, due_us INTEGER NOT NULL, error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE outcome (
  fingerprint TEXT NOT NULL, why TEXT NOT NULL, first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (fingerprint, why)
) STRICT, WITHOUT ROWID;
INSERT INTO "outcome" VALUES('v1:187eb1f78b9c8760','told_first',1795509512114321,1795509512114321,1);
INSERT INTO "outcome" VALUES('v1:187eb1f78b9c8760','updated',1795509512114321,1795509512114321,2);
INSERT INTO "outcome" VALUES('v1:c282fba0cfc2444d','told_first',1795509512114321,1795509512114321,1);
CREATE TABLE position (
  key TEXT PRIMARY KEY, path TEXT NOT NULL, device TEXT NOT NULL, inode TEXT NOT NULL,
  generation INTEGER NOT NULL, head_bytes INTEGER NOT NULL, head_digest TEXT NOT NULL,
  offset INTEGER NOT NULL, marker_bytes INTEGER NOT NULL, marker_digest TEXT NOT NULL,
  state TEXT NOT NULL, updated_us INTEGER NOT NULL,
  lines INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0,
  events INTEGER NOT NULL DEFAULT 0, unparsed INTEGER NOT NULL DEFAULT 0
, size INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0, lost_us INTEGER NOT NULL DEFAULT 0, lost_told INTEGER NOT NULL DEFAULT 0, lost_told_us INTEGER NOT NULL DEFAULT 0, cut INTEGER NOT NULL DEFAULT 0, read_us INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
INSERT INTO "position" VALUES('fe00-29243e-0','/var/log/app/app.log','65024','2696254',0,805,'5c685a2235f84b83',805,64,'9f7d03d925f8ff7e','live',1795509512114321,4,805,4,0,805,0,0,0,0,0,1795509512114321);
INSERT INTO "position" VALUES('glob:/var/log/app/*.log','/var/log/app/*.log','0','0',0,0,'',0,0,'','pattern',1795509509551037,0,0,0,0,0,0,0,0,0,0,0);
CREATE TABLE silence (
  pattern TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, since_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE storm (
  number INTEGER PRIMARY KEY AUTOINCREMENT, service TEXT NOT NULL, target TEXT NOT NULL,
  since_us INTEGER NOT NULL, problems INTEGER NOT NULL, events INTEGER NOT NULL,
  ended_us INTEGER
) STRICT;
CREATE TABLE storm_problem (
  fingerprint TEXT PRIMARY KEY, storm INTEGER NOT NULL, events INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE total (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO "total" VALUES('bytes',805);
INSERT INTO "total" VALUES('events',4);
INSERT INTO "total" VALUES('lines',4);
CREATE TABLE unparsed (
  key TEXT NOT NULL, reason TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (key, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_active ON incident (state, active_us);
CREATE INDEX bucket_hour ON bucket (hour) WHERE collected > 0;
CREATE INDEX decision_of ON decision (fingerprint, id);
CREATE INDEX decision_at ON decision (at_us);
CREATE UNIQUE INDEX outbox_one ON outbox (sink, subject) WHERE state = 'pending';
CREATE INDEX outbox_due ON outbox (sink, due_us) WHERE state = 'pending';
CREATE INDEX position_lost ON position (path) WHERE lost > 0;
CREATE INDEX alias_group ON alias (grp);
CREATE INDEX alias_key0 ON alias (key0) WHERE key0 IS NOT NULL;
CREATE INDEX alias_key1 ON alias (key1) WHERE key1 IS NOT NULL;
CREATE INDEX alias_key2 ON alias (key2) WHERE key2 IS NOT NULL;
CREATE INDEX outcome_storm ON outcome (first_us) WHERE why = 'held_storm';
CREATE INDEX link_into ON link (merged_into);
CREATE INDEX newcomer_last ON newcomer (last_us);
CREATE INDEX storm_live ON storm (number) WHERE ended_us IS NULL;
CREATE INDEX storm_problem_of ON storm_problem (storm, events);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('decision',2);
INSERT INTO "sqlite_sequence" VALUES('outbox',2);
COMMIT;
