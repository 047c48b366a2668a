-- The state store of Landfall 0.1.0, as it was written by a run with failures; what that run had no occasion to write was added in
-- the form in which 0.1.0 wrote it.
CREATE TABLE fact (room TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (room, key)) WITHOUT ROWID;
INSERT INTO fact VALUES ('address', 'v4', '{"address":"85.214.132.117","confirmed":"2026-11-30T07:31:50.761751399Z","witnesses":["127.53.0.1:43525","127.53.0.1:35399"]}');
INSERT INTO fact VALUES ('address', 'v6', '{"address":"2001:db8::7","candidate":{"address":"2001:db8::8","since":"2026-11-30T07:31:55.000000001Z"},"confirmed":"2026-11-30T07:31:50.761751399Z","was":"2001:db8::6","witnesses":["127.53.0.1:43525"]}');
INSERT INTO fact VALUES ('certificates', 'wildcard.example.test', '{"count":1,"names":["example.test","*.example.test"],"last":"2026-11-30T07:31:54.038659410Z","reason":"requests.exceptions.ConnectionError: (''Connection aborted.'', RemoteDisconnected(''Remote end closed connection without response''))"}');
INSERT INTO fact VALUES ('challenges', '_acme-challenge.a.example.test kQ1', '{"lineage":"wildcard.example.test","provider":"Cloudflare","record":{"id":"r17","name":"_acme-challenge.a.example.test","value":"kQ1"},"zone":"example.test"}');
INSERT INTO fact VALUES ('clock', 'doubtedSince', '1796023000');
INSERT INTO fact VALUES ('clock', 'latest', '1796023910');
INSERT INTO fact VALUES ('engine', 'part', '{"believed":{"manager":{"cluster":"arln0lobymv0l1glcdj6ktvvv"}},"candidate":{"mode":{"plain":{}},"since":"2026-11-30T07:31:55.000000001Z"}}');
INSERT INTO fact VALUES ('events', 'memory', '{"latest":"2026-11-30T07:31:51.500Z","seen":[{"type":"service","id":"z5nk8tmj9z30php238qfzeohv","action":"update","time":"2026-11-30T07:31:51.500Z"}]}');
INSERT INTO fact VALUES ('ledger', 'https://127.53.0.1:14000/dir begun', '2026-11-30T07:31:50.768Z');
INSERT INTO fact VALUES ('ledger', 'https://127.53.0.1:14000/dir hold domain example.test', '{"reason":"the authority says: too many certificates","subject":{"kind":"domain","names":["example.test"]},"until":"2026-12-01T07:00:00.000Z"}');
INSERT INTO fact VALUES ('ledger', 'https://127.53.0.1:14000/dir order 1796023912238932348 two.example.test', '{"failed":[],"isRenewal":false,"lineage":"two.example.test","names":["two.example.test"],"placed":"2026-11-30T07:31:52.238932348Z","state":"issued"}');
INSERT INTO fact VALUES ('ledger', 'https://127.53.0.1:14000/dir order 1796023912239371282 web', '{"failed":[],"isRenewal":false,"lineage":"web","names":["web.example.test"],"placed":"2026-11-30T07:31:52.239371282Z","state":"issued"}');
INSERT INTO fact VALUES ('ledger', 'https://127.53.0.1:14000/dir order 1796023912241783855 wildcard.example.test', '{"failed":[],"isRenewal":false,"lineage":"wildcard.example.test","names":["*.example.test","example.test"],"placed":"2026-11-30T07:31:52.241783855Z","state":"failed"}');
INSERT INTO fact VALUES ('ledger', 'https://127.53.0.1:14000/dir order 1796023913099709402 wildcard.example.test', '{"failed":[],"isRenewal":false,"lineage":"wildcard.example.test","names":["*.example.test","example.test"],"placed":"2026-11-30T07:31:53.099709402Z","state":"failed"}');
INSERT INTO fact VALUES ('ledger', 'https://127.53.0.1:14000/dir order 1796023913626709396 wildcard.example.test', '{"failed":[],"isRenewal":false,"lineage":"wildcard.example.test","names":["*.example.test","example.test"],"placed":"2026-11-30T07:31:53.626709396Z","state":"failed"}');
INSERT INTO fact VALUES ('lineages', '(begun)', '');
INSERT INTO fact VALUES ('lineages', 'two.example.test', 'issued');
INSERT INTO fact VALUES ('lineages', 'web', 'issued');
INSERT INTO fact VALUES ('lineages', 'wildcard.example.test', 'ordered');
INSERT INTO fact VALUES ('notices/slack', 'certificate/two.example.test', '{"isProblem":false,"value":"unasked"}');
INSERT INTO fact VALUES ('notices/slack', 'certificate/web', '{"isProblem":false,"value":"8f7e4dffe0d853eb8214d7762e987c66aa4adf4aec60d504f44b985b3e9426ce"}');
INSERT INTO fact VALUES ('notices/slack', 'certificate/wildcard.example.test', '{"hosts":["a.example.test"],"isProblem":true,"level":"error","recovery":"a.example.test: the certificate is well again","value":"failed"}');
INSERT INTO fact VALUES ('notices/slack', 'mark', '');
INSERT INTO fact VALUES ('notices/slack', 'record/a.example.test', '{"isProblem":false,"value":"A 85.214.132.117"}');
INSERT INTO fact VALUES ('notices/slack', 'record/web.example.test', '{"isProblem":false,"value":"A 85.214.132.117"}');
INSERT INTO fact VALUES ('outbox/slack', 'next', '3');
INSERT INTO fact VALUES ('outbox/webhook', '000000000004', '{"lost":2,"notice":{"id":"0f343b0931126a20f133d67c2b018a3b","message":{"hosts":["a.example.test"],"level":"error","lines":[{"kind":"problem","text":"a.example.test: no certificate"}],"matters":[],"title":"Landfall: 1 problem"},"time":"2026-11-30T07:31:55.174612738Z"},"problems":["certificate/wildcard.example.test"]}');
INSERT INTO fact VALUES ('outbox/webhook', 'lost', '1');
INSERT INTO fact VALUES ('outbox/webhook', 'next', '5');
INSERT INTO fact VALUES ('records', 'example.test A a.example.test 85.214.132.117 at Cloudflare', '0 0
service wc');
INSERT INTO fact VALUES ('records', 'example.test A two.example.test 85.214.132.117 at Cloudflare', '0 1
service two');
INSERT INTO fact VALUES ('records', 'example.test A web.example.test 85.214.132.117 at Cloudflare', '0 0
service web');
INSERT INTO fact VALUES ('records', 'example.test AAAA old.example.test 2001:db8::7 at Cloudflare', '61500 4
service old
container older');
INSERT INTO fact VALUES ('renewals', 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE', '1800000000 1800086400 1796045515');
INSERT INTO fact VALUES ('renewals', 'bYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE', '- 1796045515');
INSERT INTO fact VALUES ('renewals', 'https://127.53.0.1:14000/dir', '1796023915 1796110315');
INSERT INTO fact VALUES ('renewals', 'https://ca.example/dir', '1796023915 1796110315 https://ca.example/renewal-info');
INSERT INTO fact VALUES ('secrets', 'z5nk8tmj9z30php238qfzeohv', '{"cert.crt":"landfall-8f7e4dffe0d853eb8214d7762e987c66aa4adf4a.crt","cert.key":"landfall-8f7e4dffe0d853eb8214d7762e987c66aa4adf4a.key"}');
INSERT INTO fact VALUES ('serving', 'web.example.test 127.53.0.1:443', '127.53.0.1:443 serves another certificate than the one on disk');
INSERT INTO fact VALUES ('signals', 'b9135f237335c76be236d04db80de422606704d32fe8c95cb36ab7524cbce71c', '{"web":"af6e43398549907c900c9e4d4cffc7066f40ed1e83f5525a5f5630deb4a6893e"}');
INSERT INTO fact VALUES ('signals', 'baseline', '{}');
INSERT INTO fact VALUES ('status', 'host/a.example.test', '{"signal":{"at":"2026-11-30T07:31:54.500Z","outcome":{"detail":"HUP","outcome":"changed"},"signal":"HUP","target":"proxy.1"},"trouble":{"isOver":false,"isRefusal":false,"last":"2026-11-30T07:31:55.500Z","since":"2026-11-30T07:31:54.500Z","stage":"certificate","text":"no certificate"}}');
INSERT INTO fact VALUES ('status', 'run/7', '{"changed":2,"changes":["record web.example.test"],"duration":4.25,"failed":1,"failures":["certificate a.example.test"],"hosts":3,"isDryRun":false,"number":7,"outcome":"failure","reach":"all","reasons":["start-up"],"stages":[{"began":0,"duration":0.125,"stage":"discover"}],"started":"2026-11-30T07:31:50.500Z","triggers":1,"waited":2}');
INSERT INTO fact VALUES ('threads/slack', 'a.example.test', '{"began":"2026-11-30T07:31:55.174612738Z","thread":"1796023915.000001"}');
INSERT INTO fact VALUES ('threads/slack', 'label/service two/landfall.host/bad_name!.example.test', '{"began":"2026-11-30T07:31:55.174612738Z","thread":"1796023915.000001"}');
INSERT INTO fact VALUES ('threads/slack', 'two.example.test', '{"began":"2026-11-30T07:31:55.174612738Z","thread":"1796023915.000001"}');
INSERT INTO fact VALUES ('threads/slack', 'web.example.test', '{"began":"2026-11-30T07:31:55.174612738Z","thread":"1796023915.000001"}');
INSERT INTO fact VALUES ('zones', 'Cloudflare', 'example.net example.test');
INSERT INTO fact VALUES ('zones', 'RFC 2136', 'dynamic.test');
