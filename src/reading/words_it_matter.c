/* words_it_matter.c - Italian: what a request is about, how soon, and whose counter it belongs to.
 */
#include "reading/internal.h"

const Phrase words_it_matter[] = {
    /* topics */
    {"visione del fascicolo", LEX_TOPIC, TOPIC(TOPIC_ACCESS, 6)},
    {"vision|e|are del|la|le pratic|a|he", LEX_TOPIC, TOPIC(TOPIC_ACCESS, 5)},
    {"copia del fascicolo", LEX_TOPIC, TOPIC(TOPIC_ACCESS, 6)},
    {NULL}};
