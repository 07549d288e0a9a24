using System.CommandLine;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.Storage.Embedded;
using Flotilla.ClusterCore.Storage.Etcd.Front;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.ClusterCore.Host.Commands;

internal static class StoreServeCommand
{
    public static Command Create(string name, string description)
    {
        Option<string> directory = new("--data-dir") { Description = "The store's directory; made if it is not there.", Required = true };
        Option<string> listen = new("--listen") { Description = "Address and port.", DefaultValueFactory = static _ => "127.0.0.1:2379" };
        Option<string?> certificate = new("--cert") { Description = "PEM certificate; serves TLS." };
        Option<string?> key = new("--key") { Description = "PEM key of --cert." };
        Option<string?> clientAuthority = new("--client-ca") { Description = "PEM certificate that clients' certificates must be signed by." };
        Option<TimeSpan> history = new("--history-age")
        {
            Description = "How long superseded versions are kept; 0 keeps them until a client compacts.",
            DefaultValueFactory = static _ => TimeSpan.FromMinutes(5),
        };
        var command = new Command(name, description) { directory, listen, certificate, key, clientAuthority, history };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!IPEndPoint.TryParse(parsed.GetRequiredValue(listen), out var endpoint))
            {
                return Fail($"--listen: '{parsed.GetRequiredValue(listen)}' is not an address and port");
            }

            try
            {
                var tls = Tls(parsed.GetValue(certificate), parsed.GetValue(key), parsed.GetValue(clientAuthority));
                await RunAsync(parsed.GetRequiredValue(directory), endpoint, tls, parsed.GetValue(history), cancellationToken);
                return 0;
            }
            catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException
                or System.Security.Cryptography.CryptographicException)
            {
                return Fail(exception.Message);
            }
        });
        return command;
    }

    public static int Fail(string message)
    {
        Console.Error.WriteLine($"clustercore store: {message}");
        return 1;
    }

    private static async Task RunAsync(
        string directory, IPEndPoint endpoint, HttpsConnectionAdapterOptions? tls, TimeSpan history, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.SetMinimumLevel(LogLevel.Warning);
        _ = builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;
            kestrel.Limits.Http2.InitialConnectionWindowSize = 8 * 1024 * 1024;
            kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
            kestrel.Listen(endpoint, listen =>
            {
                listen.Protocols = tls is null ? HttpProtocols.Http2 : HttpProtocols.Http1AndHttp2;
                if (tls is not null)
                {
                    _ = listen.UseHttps(tls);
                }
            });
        });
        await using var application = builder.Build();
        await using var store = await EmbeddedStore.OpenAsync(
            new()
            {
                Directory = directory,
                HistoryAge = history > TimeSpan.Zero ? history : Timeout.InfiniteTimeSpan,
                Logger = application.Logger,
            },
            cancellationToken);
        application.MapEtcd(store, [$"{(tls is null ? "http" : "https")}://{endpoint}"]);
        await application.StartAsync(cancellationToken);
        Console.WriteLine($"store of {directory} at revision {store.Revision}, listening on {endpoint}");
        await application.WaitForShutdownAsync(cancellationToken);
    }

    private static HttpsConnectionAdapterOptions? Tls(string? certificate, string? key, string? clientAuthority)
    {
        if (certificate is null || key is null)
        {
            return certificate is null && key is null && clientAuthority is null
                ? null
                : throw new IOException("--cert, --key and --client-ca go together: TLS needs at least --cert and --key");
        }

        var options = new HttpsConnectionAdapterOptions { ServerCertificate = X509Certificate2.CreateFromPemFile(certificate, key) };
        if (clientAuthority is not null)
        {
            var authority = X509CertificateLoader.LoadCertificateFromFile(clientAuthority);
            options.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            options.ClientCertificateValidation = (client, _, _) => IsSignedBy(client, authority);
        }

        return options;
    }

    private static bool IsSignedBy(X509Certificate2 client, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(client);
    }
}
