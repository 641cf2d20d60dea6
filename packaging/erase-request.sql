-- Erases one request with its mail, documents, letters and appointments, and the citizen who has no other one.
--
--     sqlite3 -cmd ".parameter set :code \"'EDI-7K3M-Q2'\"" sportello.db < erase-request.sql
--
-- As the user that the server runs as; the server may run. Its audit rows stay: they name nobody. What has left the
-- database is not reached: letters in the outgoing Maildir, files in the incoming one, backups.
.bail on
.timeout 10000
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
BEGIN IMMEDIATE;
CREATE TEMP TABLE gone AS SELECT id, person_id FROM request WHERE code = :code;
SELECT CASE count(*) WHEN 1 THEN 'erasing ' || :code ELSE 'there is no request ' || :code END FROM gone;
-- Letters to officers belong to no request, but name its citizen beside the link to it.
CREATE TEMP TABLE gone_letter AS SELECT id FROM letter WHERE request_id IN (SELECT id FROM gone)
    UNION SELECT l.id FROM letter l JOIN letter_content c ON c.letter_id = l.id
        WHERE l.kind IN ('digest', 'urgent') AND instr(c.text, :code) > 0 AND EXISTS (SELECT 1 FROM gone);
DELETE FROM notice_told WHERE subject_id IN (SELECT id FROM gone UNION SELECT id FROM gone_letter
    UNION SELECT id FROM appointment WHERE request_id IN (SELECT id FROM gone)
    UNION SELECT p.id FROM participant p JOIN appointment a ON a.id = p.appointment_id
        WHERE a.request_id IN (SELECT id FROM gone));
DELETE FROM letter_receipt WHERE letter_id IN (SELECT id FROM gone_letter)
    OR message_id IN (SELECT id FROM message WHERE request_id IN (SELECT id FROM gone));
DELETE FROM letter_content WHERE letter_id IN (SELECT id FROM gone_letter);
DELETE FROM letter WHERE id IN (SELECT id FROM gone_letter);
DELETE FROM message_piece WHERE message_id IN (SELECT id FROM message WHERE request_id IN (SELECT id FROM gone));
DELETE FROM attachment WHERE message_id IN (SELECT id FROM message WHERE request_id IN (SELECT id FROM gone));
DELETE FROM message WHERE request_id IN (SELECT id FROM gone);
DELETE FROM participant WHERE appointment_id IN (SELECT id FROM appointment WHERE request_id IN (SELECT id FROM gone));
DELETE FROM appointment WHERE request_id IN (SELECT id FROM gone);
DELETE FROM request_link WHERE request_id IN (SELECT id FROM gone);
DELETE FROM verdict WHERE request_id IN (SELECT id FROM gone);
DELETE FROM request WHERE id IN (SELECT id FROM gone);
DELETE FROM person WHERE id IN (SELECT person_id FROM gone)
    AND id NOT IN (SELECT person_id FROM request)
    AND id NOT IN (SELECT person_id FROM request_link)
    AND id NOT IN (SELECT person_id FROM participant WHERE person_id IS NOT NULL);
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);
