#include "CPSL.h"

const char *landfall_psl_registrable_domain(const char *name) {
    return psl_registrable_domain(psl_builtin(), name);
}
