/// What Traefik's dynamic configuration may hold
/// (https://doc.traefik.io/traefik/reference/routing-configuration/other-providers/file/#routing-configuration).
enum TraefikFields {
    static let labels = Shape("traefik{\(text)}", ofFiles: false)
    static let files = Shape(text, ofFiles: true)
    /// What the providers themselves read of labels.
    static let container = Shape("traefik{enable? docker{network lbswarm? allownonrunning?}}", ofFiles: false)
    static let service = Shape(
        "traefik{enable? docker{network lbswarm? allownonrunning?} swarm{network lbswarm?}}",
        ofFiles: false
    )

    private static let text = """
        http{routers*{entrypoints[] middlewares[] service rule -parentrefs[] rulesyntax priority# tls!{options
            certresolver domains[]{main sans[]}} observability{accesslogs? metrics? tracing? traceverbosity}}
        services*{middlewares[] loadbalancer{sticky!{cookie!{name secure? httponly? samesite maxage# path domain}}
            +server{url weight# preservepath? scheme port} /servers[]{url weight# preservepath? scheme port} strategy
            healthcheck{scheme mode path method status# port# interval~ unhealthyinterval~ timeout~ hostname
            followredirects? headers*} passivehealthcheck{failurewindow~ maxfailedattempts#} passhostheader?
            responseforwarding{flushinterval~} serverstransport} -highestrandomweight{services[]{name weight#}
            healthcheck!{}} -weighted{services[]{name weight#} sticky{cookie!{name secure? httponly? samesite maxage#
            path domain}} healthcheck!{}} -mirroring{service mirrorbody? maxbodysize# mirrors[]{name percent#}
            healthcheck!{}} -failover{service fallback healthcheck!{} errors{maxrequestbodybytes# status[]}}}
        middlewares*{addprefix{prefix} stripprefix{prefixes[] forceslash?} stripprefixregex{regex[]} replacepath{path}
            replacepathregex{regex replacement} chain{middlewares[]} ipwhitelist{sourcerange[] ipstrategy!{depth#
            excludedips[] ipv6subnet#}} ipallowlist{sourcerange[] ipstrategy!{depth# excludedips[] ipv6subnet#}
            rejectstatuscode!#} headers{customrequestheaders* customresponseheaders* accesscontrolallowcredentials?
            accesscontrolallowheaders[] accesscontrolallowmethods[] accesscontrolalloworiginlist[]
            accesscontrolalloworiginlistregex[] accesscontrolexposeheaders[] accesscontrolmaxage# addvaryheader?
            allowedhosts[] hostsproxyheaders[] sslproxyheaders* stsseconds# stsincludesubdomains? stspreload?
            forcestsheader? framedeny? customframeoptionsvalue contenttypenosniff? browserxssfilter?
            custombrowserxssvalue contentsecuritypolicy contentsecuritypolicyreportonly publickey referrerpolicy
            permissionspolicy isdevelopment? featurepolicy sslredirect? ssltemporaryredirect? sslhost sslforcehost?}
            encodedcharacters{allowencodedslash? allowencodedbackslash? allowencodednullcharacter?
            allowencodedsemicolon? allowencodedpercent? allowencodedquestionmark? allowencodedhash?} errors{status[]
            statusrewrites*# service query errorrequestheaders[]} ratelimit{average# period~ burst#
            sourcecriterion{ipstrategy{depth# excludedips[] ipv6subnet#} requestheadername requesthost?}
            redis{endpoints[] tls{ca cert key insecureskipverify?} username password db# poolsize# minidleconns#
            maxactiveconns# readtimeout~ writetimeout~ dialtimeout~}} redirectregex{regex replacement permanent?}
            redirectscheme{scheme port permanent?} basicauth{users[] usersfile realm removeheader? headerfield}
            digestauth{users[] usersfile removeheader? realm headerfield} forwardauth{address tls{ca cert key
            insecureskipverify? caoptional?} trustforwardheader? authresponseheaders[] authresponseheadersregex
            authrequestheaders[] maxresponsebodysize# addauthcookiestoresponse[] headerfield forwardbody? maxbodysize#
            preservelocationheader? preserverequestmethod? authsigninurl} inflightreq{amount#
            sourcecriterion{ipstrategy{depth# excludedips[] ipv6subnet#} requestheadername requesthost?}}
            buffering{maxrequestbodybytes# memrequestbodybytes# maxresponsebodybytes# memresponsebodybytes#
            retryexpression} circuitbreaker{expression checkperiod~ fallbackduration~ recoveryduration~ responsecode#}
            compress!{excludedcontenttypes[] includedcontenttypes[] minresponsebodybytes# encodings[] defaultencoding}
            passtlsclientcert{pem? info{notafter? notbefore? sans? serialnumber? subject{country? province? locality?
            organization? organizationalunit? commonname? serialnumber? domaincomponent?} issuer{country? province?
            locality? organization? commonname? serialnumber? domaincomponent?}}} retry{attempts# timeout~
            initialinterval~ maxrequestbodybytes# status[] disableretryonnetworkerror? retrynonidempotentmethod?}
            contenttype!{autodetect?} grpcweb{alloworigins[]} plugin*&}
        -serverstransports*{servername insecureskipverify? rootcas[] certificates[]{certfile keyfile} ciphersuites[]
            minversion maxversion maxidleconnsperhost# forwardingtimeouts{dialtimeout~ responseheadertimeout~
            idleconntimeout~ readidletimeout~ pingtimeout~ readtimeout~ writetimeout~} disablehttp2? peercerturi
            spiffe!{ids[] trustdomain}}}
        tcp{routers*{entrypoints[] middlewares[] service rule rulesyntax priority# tls!{passthrough? options
            certresolver domains[]{main sans[]}}}
        services*{loadbalancer{+server{address port tls?} /servers[]{address port tls?} serverstransport
            proxyprotocol!{version#} terminationdelay# healthcheck!{port# send expect interval~ unhealthyinterval~
            timeout~}} -weighted{services[]{name weight#} healthcheck!{}}}
        middlewares*{inflightconn{amount#} ipwhitelist{sourcerange[]} ipallowlist{sourcerange[]}}
        -serverstransports*{dialkeepalive~ dialtimeout~ proxyprotocol!{version#} terminationdelay~ tls!{servername
            insecureskipverify? rootcas[] certificates[]{certfile keyfile} peercerturi spiffe!{ids[] trustdomain}}}}
        udp{routers*{entrypoints[] service}
        services*{loadbalancer{+server{address port} /servers[]{address port}} -weighted{services[]{name weight#}}}}
        tls{-certificates[]{certfile keyfile stores[]} -options*{minversion maxversion ciphersuites[] curvepreferences[]
            clientauth{cafiles[] clientauthtype} snistrict? alpnprotocols[] disablesessiontickets?
            preferserverciphersuites?} stores*{-defaultcertificate{certfile keyfile} defaultgeneratedcert{resolver
            domain{main sans[]}}}}
        """
}
