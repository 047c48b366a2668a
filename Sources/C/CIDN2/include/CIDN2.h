#pragma once
#include <idn2.h>

/// The A-label form of `name` (IDNA2008, non-transitional, NFC), to be freed with `landfall_idn2_free`; null when
/// libidn2 refuses it.
char *landfall_idn2_to_ascii(const char *name);
void landfall_idn2_free(char *name);
