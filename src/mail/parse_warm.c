/* parse_warm.c - what the parser needs from files, fetched before files are out of reach.
 *
 * glibc loads a converter per charset from its own library and keeps it while a handle is open, so
 * one handle each is opened and never closed. Only charsets that mail is written in: an EBCDIC
 * label is answered with Windows-1252. The rest is warmed by parsing one message of every kind.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <iconv.h>
#include <jansson.h>
#include <libical/ical.h>
#include <libxml/parser.h>
#include <string.h>

static const char *const charsets[] = {
    "CP1250",      "CP1251",      "CP1252",       "CP1253",      "CP1254",      "CP1255",
    "CP1256",      "CP1257",      "CP1258",       "CP437",       "CP850",       "CP852",
    "CP855",       "CP857",       "CP858",        "CP862",       "CP864",       "CP866",
    "CP874",       "CP932",       "ISO-8859-1",   "ISO-8859-2",  "ISO-8859-3",  "ISO-8859-4",
    "ISO-8859-5",  "ISO-8859-6",  "ISO-8859-7",   "ISO-8859-8",  "ISO-8859-9",  "ISO-8859-10",
    "ISO-8859-11", "ISO-8859-13", "ISO-8859-14",  "ISO-8859-15", "ISO-8859-16", "KOI8-R",
    "KOI8-U",      "MACINTOSH",   "MAC-CYRILLIC", "TIS-620",     "VISCII",      "UTF-7",
    "UTF-16",      "UTF-16LE",    "UTF-16BE",     "UTF-32",      "GB18030",     "GBK",
    "EUC-CN",      "BIG5",        "BIG5-HKSCS",   "EUC-TW",      "EUC-JP",      "SHIFT_JIS",
    "ISO-2022-JP", "ISO-2022-KR", "EUC-KR",       "UHC",         "ISO-2022-CN", "US-ASCII",
};

static iconv_t open_converters[G_N_ELEMENTS(charsets)]; /* never closed: each pins its library */

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
    (void)ca_file;
    json_object_seed(1); /* a random one would be read from a file; nobody sends us keys */
    g_mime_init();
    xmlInitParser();
    for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (!open_converters[i])
            open_converters[i] = iconv_open("UTF-8", charsets[i]);
    gsize length;
    g_autofree char *json = parse_to_json((const guint8 *)sample, sizeof sample - 1, 0, &length);
    g_autoptr(MailMessage) back = mail_message_from_json(json, length, NULL);
    g_assert(back);
}
