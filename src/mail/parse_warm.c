/* parse_warm.c - what the parser needs from files, fetched before files are out of reach.
 *
 * The charsets are in parse_charset.c; all else is warmed by parsing one message of every kind.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <jansson.h>
#include <libical/ical.h>
#include <libxml/parser.h>
#include <string.h>

static const char sample[] =
    "From: =?iso-8859-15?q?Pr=F2va?= <a@b.example>\r\n"
    "Date: Tue, 24 Nov 2026 11:20:02 +0100\r\n"
    "X-Trasporto: posta-certificata\r\n"
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    "--x\r\nContent-Type: application/xml; name=\"daticert.xml\"\r\n\r\n"
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><postacert "
    "tipo=\"x\"><dati><msgid>&lt;a@b&gt;</msgid></dati>"
    "</postacert>\r\n"
    "--x\r\nContent-Type: message/rfc822; name=\"postacert.eml\"\r\n\r\n"
    "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n"
    "--y\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: "
    "quoted-printable\r\n\r\n"
    "<p class=3Da>Prova &egrave;<br></p>\r\n"
    "--y\r\nContent-Type: application/pdf; name*=utf-8''a.pdf\r\nContent-Transfer-Encoding: "
    "base64\r\n\r\nQUJD\r\n"
    "--y\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n"
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:"
    "20261124T101500Z\r\n"
    "ATTENDEE;PARTSTAT=DECLINED:mailto:a@b.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    "--y--\r\n--x--\r\n";

void parse_warm(const char *ca_file)
{
    json_object_seed(1); /* a random one would be read from a file; nobody sends us keys */
    g_mime_init();
    xmlInitParser();
    parse_smime_warm(ca_file);
    parse_warm_charsets();
    gsize length;
    g_autofree char *json = parse_to_json((const guint8 *)sample, sizeof sample - 1, 0, &length);
    g_autoptr(MailMessage) back = mail_message_from_json(json, length, NULL);
    g_assert(back);
}
