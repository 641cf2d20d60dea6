/* parse_warm.c - what the parser needs from files, fetched before files are out of reach.
 *
 * glibc loads a converter from a library of its own and keeps it while a handle is open, so one
 * handle each is opened and never closed: every charset of `iconv -l` can be read. One that a newer
 * glibc adds is answered with Windows-1252. The rest is warmed by parsing one message of every
 * kind.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <iconv.h>
#include <jansson.h>
#include <libical/ical.h>
#include <libxml/parser.h>
#include <string.h>

/* One of each converter library of glibc 2.36; its other names need no further file. */
static const char *const charsets[] = {
    /* clang-format off */
    "ANSI_X3.110", "ARMSCII-8", "ASMO_449", "BIG5", "BIG5HKSCS", "BRF", "BS_4730", "CP737",
    "CP770", "CP771", "CP772", "CP773", "CP774", "CP775", "CP932", "CP1125", "CP1250",
    "CP1251", "CP1252", "CP1253", "CP1254", "CP1255", "CP1256", "CP1257", "CP1258", "CP10007",
    "CSN_369103", "CWI", "DEC-MCS", "EBCDIC-AT-DE", "EBCDIC-AT-DE-A", "EBCDIC-CA-FR",
    "EBCDIC-DK-NO", "EBCDIC-DK-NO-A", "EBCDIC-ES", "EBCDIC-ES-A", "EBCDIC-ES-S",
    "EBCDIC-FI-SE", "EBCDIC-FI-SE-A", "EBCDIC-FR", "EBCDIC-IS-FRISS", "EBCDIC-IT",
    "EBCDIC-PT", "EBCDIC-UK", "EBCDIC-US", "ECMA-CYRILLIC", "EUC-CN", "EUC-JISX0213",
    "EUC-JP", "EUC-JP-MS", "EUC-KR", "EUC-TW", "GB18030", "GBK", "GEORGIAN-ACADEMY",
    "GEORGIAN-PS", "GOST_19768-74", "GREEK7", "GREEK7-OLD", "GREEK-CCITT", "HP-GREEK8",
    "HP-ROMAN8", "HP-ROMAN9", "HP-THAI8", "HP-TURKISH8", "IBM037", "IBM038", "IBM256",
    "IBM273", "IBM274", "IBM275", "IBM277", "IBM278", "IBM280", "IBM281", "IBM284", "IBM285",
    "IBM290", "IBM297", "IBM420", "IBM423", "IBM424", "IBM437", "IBM500", "IBM803", "IBM850",
    "IBM851", "IBM852", "IBM855", "IBM856", "IBM857", "IBM858", "IBM860", "IBM861", "IBM862",
    "IBM863", "IBM864", "IBM865", "IBM866", "IBM866NAV", "IBM868", "IBM869", "IBM870",
    "IBM871", "IBM874", "IBM875", "IBM880", "IBM891", "IBM901", "IBM902", "IBM903", "IBM904",
    "IBM905", "IBM918", "IBM921", "IBM922", "IBM930", "IBM932", "IBM933", "IBM935", "IBM937",
    "IBM939", "IBM943", "IBM1004", "IBM1008", "IBM1025", "IBM1026", "IBM1046", "IBM1047",
    "IBM1097", "IBM1112", "IBM1122", "IBM1123", "IBM1124", "IBM1129", "IBM1130", "IBM1132",
    "IBM1133", "IBM1137", "IBM1140", "IBM1141", "IBM1142", "IBM1143", "IBM1144", "IBM1145",
    "IBM1146", "IBM1147", "IBM1148", "IBM1149", "IBM1153", "IBM1154", "IBM1155", "IBM1156",
    "IBM1157", "IBM1158", "IBM1160", "IBM1161", "IBM1162", "IBM1163", "IBM1164", "IBM1166",
    "IBM1167", "IBM1364", "IBM1371", "IBM1388", "IBM1390", "IBM1399", "IBM4517", "IBM4899",
    "IBM4909", "IBM4971", "IBM5347", "IBM9030", "IBM9066", "IBM9448", "IBM12712", "IBM16804",
    "IEC_P27-1", "INIS", "INIS-8", "INIS-CYRILLIC", "ISIRI-3342", "ISO-2022-CN",
    "ISO-2022-CN-EXT", "ISO-2022-JP", "ISO-2022-JP-3", "ISO-2022-KR", "ISO-8859-1",
    "ISO-8859-2", "ISO-8859-3", "ISO-8859-4", "ISO-8859-5", "ISO-8859-6", "ISO-8859-7",
    "ISO-8859-8", "ISO-8859-9", "ISO-8859-9E", "ISO-8859-10", "ISO-8859-11", "ISO-8859-13",
    "ISO-8859-14", "ISO-8859-15", "ISO-8859-16", "ISO-IR-197", "ISO-IR-209", "ISO_2033",
    "ISO_5427", "ISO_5427-EXT", "ISO_5428", "ISO_6937", "ISO_6937-2", "ISO_10367-BOX",
    "ISO_11548-1", "JOHAB", "KOI8-R", "KOI8-RU", "KOI8-T", "KOI8-U", "KOI-8", "LATIN-GREEK",
    "LATIN-GREEK-1", "MAC-CENTRALEUROPE", "MAC-IS", "MAC-SAMI", "MAC-UK", "MACINTOSH", "MIK",
    "NATS-DANO", "NATS-SEFI", "PT154", "RK1048", "Shift_JISX0213", "SJIS", "T.61-8BIT",
    "TCVN5712-1", "TIS-620", "TSCII", "UHC", "UNICODE", "UTF-7", "UTF-16", "UTF-32", "VISCII",
    "WIN-SAMI-2",
    /* clang-format on */
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
    json_object_seed(1); /* a random one would be read from a file; nobody sends us keys */
    g_mime_init();
    xmlInitParser();
    parse_smime_warm(ca_file);
    for (gsize i = 0; i < G_N_ELEMENTS(charsets); i++)
        if (!open_converters[i])
            open_converters[i] = iconv_open("UTF-8", charsets[i]);
    gsize length;
    g_autofree char *json = parse_to_json((const guint8 *)sample, sizeof sample - 1, 0, &length);
    g_autoptr(MailMessage) back = mail_message_from_json(json, length, NULL);
    g_assert(back);
}
