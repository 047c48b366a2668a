FROM fluent/fluentd:v1.18-debian-1
USER root
RUN gem install fluent-plugin-elasticsearch --no-document
USER fluent
