/* parse_charset.c - which charsets can be read, and whether one was missing.
 *
 * glibc loads a converter from a library of its own and keeps it while a handle is open, so one
 * handle each is opened and never closed. The usual ones are there from the start; the rest, 240
 * libraries with 5 mappings each that every fork copies, only where they are asked for. One that a
 * newer glibc adds is answered with Windows-1252.
 *
 * GMime, libxml2 and GLib ask for converters too, so what is asked is seen where all of them pass:
 * this program has its own iconv_open, which calls glibc's.
 */
#include "mail/parse.h"
#include "mail/parse_internal.h"

#include <dlfcn.h>
#include <iconv.h>

/* What Europe's mail is written in when it is not UTF-8. */
static const char *const usual[] = {
    /* clang-format off */
    "CP1250", "CP1251", "CP1252", "ISO-8859-1", "ISO-8859-2", "ISO-8859-15", "UTF-16",
    /* clang-format on */
};

/* With these, one of each converter library of glibc 2.36; its other names need no further file. */
static const char *const rest[] = {
    /* clang-format off */
    "ANSI_X3.110", "ARMSCII-8", "ASMO_449", "BIG5", "BIG5HKSCS", "BRF", "BS_4730", "CP10007",
    "CP1125", "CP1253", "CP1254", "CP1255", "CP1256", "CP1257", "CP1258", "CP737", "CP770",
    "CP771", "CP772", "CP773", "CP774", "CP775", "CP932", "CSN_369103", "CWI", "DEC-MCS",
    "EBCDIC-AT-DE", "EBCDIC-AT-DE-A", "EBCDIC-CA-FR", "EBCDIC-DK-NO", "EBCDIC-DK-NO-A",
    "EBCDIC-ES", "EBCDIC-ES-A", "EBCDIC-ES-S", "EBCDIC-FI-SE", "EBCDIC-FI-SE-A", "EBCDIC-FR",
    "EBCDIC-IS-FRISS", "EBCDIC-IT", "EBCDIC-PT", "EBCDIC-UK", "EBCDIC-US", "ECMA-CYRILLIC",
    "EUC-CN", "EUC-JISX0213", "EUC-JP", "EUC-JP-MS", "EUC-KR", "EUC-TW", "GB18030", "GBK",
    "GEORGIAN-ACADEMY", "GEORGIAN-PS", "GOST_19768-74", "GREEK-CCITT", "GREEK7", "GREEK7-OLD",
    "HP-GREEK8", "HP-ROMAN8", "HP-ROMAN9", "HP-THAI8", "HP-TURKISH8", "IBM037", "IBM038",
    "IBM1004", "IBM1008", "IBM1025", "IBM1026", "IBM1046", "IBM1047", "IBM1097", "IBM1112",
    "IBM1122", "IBM1123", "IBM1124", "IBM1129", "IBM1130", "IBM1132", "IBM1133", "IBM1137",
    "IBM1140", "IBM1141", "IBM1142", "IBM1143", "IBM1144", "IBM1145", "IBM1146", "IBM1147",
    "IBM1148", "IBM1149", "IBM1153", "IBM1154", "IBM1155", "IBM1156", "IBM1157", "IBM1158",
    "IBM1160", "IBM1161", "IBM1162", "IBM1163", "IBM1164", "IBM1166", "IBM1167", "IBM12712",
    "IBM1364", "IBM1371", "IBM1388", "IBM1390", "IBM1399", "IBM16804", "IBM256", "IBM273",
    "IBM274", "IBM275", "IBM277", "IBM278", "IBM280", "IBM281", "IBM284", "IBM285", "IBM290",
    "IBM297", "IBM420", "IBM423", "IBM424", "IBM437", "IBM4517", "IBM4899", "IBM4909",
    "IBM4971", "IBM500", "IBM5347", "IBM803", "IBM850", "IBM851", "IBM852", "IBM855", "IBM856",
    "IBM857", "IBM858", "IBM860", "IBM861", "IBM862", "IBM863", "IBM864", "IBM865", "IBM866",
    "IBM866NAV", "IBM868", "IBM869", "IBM870", "IBM871", "IBM874", "IBM875", "IBM880", "IBM891",
    "IBM901", "IBM902", "IBM903", "IBM9030", "IBM904", "IBM905", "IBM9066", "IBM918", "IBM921",
    "IBM922", "IBM930", "IBM932", "IBM933", "IBM935", "IBM937", "IBM939", "IBM943", "IBM9448",
    "IEC_P27-1", "INIS", "INIS-8", "INIS-CYRILLIC", "ISIRI-3342", "ISO-2022-CN",
    "ISO-2022-CN-EXT", "ISO-2022-JP", "ISO-2022-JP-3", "ISO-2022-KR", "ISO-8859-10",
    "ISO-8859-11", "ISO-8859-13", "ISO-8859-14", "ISO-8859-16", "ISO-8859-3", "ISO-8859-4",
    "ISO-8859-5", "ISO-8859-6", "ISO-8859-7", "ISO-8859-8", "ISO-8859-9", "ISO-8859-9E",
    "ISO-IR-197", "ISO-IR-209", "ISO_10367-BOX", "ISO_11548-1", "ISO_2033", "ISO_5427",
    "ISO_5427-EXT", "ISO_5428", "ISO_6937", "ISO_6937-2", "JOHAB", "KOI-8", "KOI8-R", "KOI8-RU",
    "KOI8-T", "KOI8-U", "LATIN-GREEK", "LATIN-GREEK-1", "MAC-CENTRALEUROPE", "MAC-IS",
    "MAC-SAMI", "MAC-UK", "MACINTOSH", "MIK", "NATS-DANO", "NATS-SEFI", "PT154", "RK1048",
    "Shift_JISX0213", "SJIS", "T.61-8BIT", "TCVN5712-1", "TIS-620", "TSCII", "UHC", "UNICODE",
    "UTF-32", "UTF-7", "VISCII", "WIN-SAMI-2",
    /* clang-format on */
};

static bool missed;

typedef iconv_t OpenConverter(const char *to, const char *from);

/* The linker lets libraries find it here first. */
__attribute__((visibility("default"))) iconv_t iconv_open(const char *to, const char *from)
{
    static OpenConverter *real;
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "iconv_open");
    iconv_t converter = real(to, from);
    if (converter == (iconv_t)-1)
        missed = true;
    return converter;
}

bool parse_missed_charset(void)
{
    bool was_missed = missed;
    missed = false;
    return was_missed;
}

/* Never closed: each handle pins its library. */
static void open_all(const char *const *names, gsize n, iconv_t *handles)
{
    for (gsize i = 0; i < n; i++)
        if (!handles[i])
            handles[i] = iconv_open("UTF-8", names[i]);
}

void parse_warm_charsets(void)
{
    static iconv_t handles[G_N_ELEMENTS(usual)];
    open_all(usual, G_N_ELEMENTS(usual), handles);
    missed = false;
}

void parse_warm_rest(void)
{
    static iconv_t handles[G_N_ELEMENTS(rest)];
    open_all(rest, G_N_ELEMENTS(rest), handles);
    missed = false;
}
