FROM fluent/fluentd:v1.18-debian-1
USER root
# The client's major version is Elasticsearch's own: a client 9 is refused by Elasticsearch 8 ("Content-Type version must be either
# version 8 or 7"). The plugin takes any client, so the client comes first.
RUN gem install elasticsearch --version 8.17.0 --no-document \
    && gem install fluent-plugin-elasticsearch --version 5.4.3 --minimal-deps --no-document
USER fluent
