#include "CLDNS.h"
