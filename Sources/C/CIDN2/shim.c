#include "CIDN2.h"
#include <stddef.h>

char *landfall_idn2_to_ascii(const char *name) {
    char *ascii = NULL;
    int result = idn2_to_ascii_8z(name, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
    if (result != IDN2_OK) {
        idn2_free(ascii);
        return NULL;
    }
    return ascii;
}

void landfall_idn2_free(char *name) { idn2_free(name); }
