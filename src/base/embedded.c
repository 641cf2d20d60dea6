/* embedded.c - finds a file of ui/ inside the program. The table itself is generated (see
 * embedded.h); who never asks for a file need not link it.
 */
#include "base/embedded.h"

#include <stdlib.h>
#include <string.h>

static int compare_name(const void *name, const void *file)
{
    return strcmp(name, ((const EmbeddedFile *)file)->name);
}

const EmbeddedFile *embedded_find(const char *name)
{
    return bsearch(name, embedded_files, embedded_n_files, sizeof *embedded_files, compare_name);
}
