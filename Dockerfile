# The static binary of `make build`, alone: no shell, no libraries, no writable file.
FROM scratch
COPY bin/skein /skein
USER 65532:65532
EXPOSE 31337
ENTRYPOINT ["/skein"]
CMD ["serve", "--listen", "0.0.0.0:31337"]
