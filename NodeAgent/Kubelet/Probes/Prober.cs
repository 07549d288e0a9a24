using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Runtime;

namespace Flotilla.NodeAgent.Kubelet.Probes;

/// <summary>Probes by command, HTTP, TCP and gRPC health.</summary>
internal sealed class Prober(ICriRuntime runtime) : IProber, IDisposable
{
    private const int LongestOutput = 10 << 10;
    private const int MostRedirects = 10;

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        // Probes are answered by a pod's own certificate, which nobody here can know.
        SslOptions = { RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null },
        PooledConnectionLifetime = TimeSpan.Zero,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<ProbeResult> ProbeAsync(Probe probe, ProbeTarget target, CancellationToken cancellationToken)
    {
        var seconds = Math.Max(probe.TimeoutSeconds, 1);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            return probe switch
            {
                { Exec: { } exec } => await ExecAsync(exec, target, TimeSpan.FromSeconds(seconds), limit.Token),
                { HttpGet: { } get } => await HttpAsync(get, target, limit.Token),
                { TcpSocket: { } tcp } => await TcpAsync(tcp, target, limit.Token),
                { Grpc: { } grpc } => await GrpcHealth.CheckAsync(target.Host, grpc, limit.Token),
                _ => ProbeResult.Failed("missing probe handler"),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ProbeResult.Failed(probe.Exec is null ? "context deadline exceeded" : $"command timed out after {seconds}s");
        }
    }

    public void Dispose() => http.Dispose();

    private async Task<ProbeResult> ExecAsync(ExecAction exec, ProbeTarget target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await runtime.ExecSyncAsync(target.ContainerId, exec.Command ?? [], timeout, cancellationToken);
            var output = Encoding.UTF8.GetString([.. answer.Stdout.Span, .. answer.Stderr.Span]);
            return answer.ExitCode == 0 ? ProbeResult.Passed : ProbeResult.Failed(output.Length > LongestOutput ? output[..LongestOutput] : output);
        }
        catch (CriException exception) when (!exception.Unreachable)
        {
            return ProbeResult.Failed(exception.Message);
        }
    }

    private async Task<ProbeResult> HttpAsync(HTTPGetAction get, ProbeTarget target, CancellationToken cancellationToken)
    {
        if (ProbePort.Resolve(get.Port, target.Container) is not { } port)
        {
            return ProbeResult.Failed($"couldn't find port: {get.Port}");
        }

        var address = HttpProbeRequest.Address(get, get.Host is { Length: > 0 } host ? host : target.Host, port);
        try
        {
            for (var redirects = 0; redirects < MostRedirects; redirects++)
            {
                using var request = HttpProbeRequest.Create(get, address);
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (Elsewhere(response, address) is not { } next)
                {
                    return await JudgeAsync(response, cancellationToken);
                }

                address = next;
            }

            return ProbeResult.Failed($"Get \"{address}\": stopped after {MostRedirects} redirects");
        }
        catch (HttpRequestException exception)
        {
            return ProbeResult.Failed($"Get \"{address}\": {exception.InnerException?.Message ?? exception.Message}");
        }
    }

    /// <summary>Where a redirection leads to; null for none, and for one to another host, which is not for the probe to ask.</summary>
    private static Uri? Elsewhere(HttpResponseMessage response, Uri asked) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location && new Uri(asked, location) is var next && next.Host == asked.Host ? next : null;

    private static async Task<ProbeResult> JudgeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        switch ((int)response.StatusCode)
        {
            case >= 200 and < 300:
                return ProbeResult.Passed;
            case >= 300 and < 400:
                var body = new byte[LongestOutput];
                var length = await (await response.Content.ReadAsStreamAsync(cancellationToken)).ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellationToken);
                return ProbeResult.Odd($"Probe terminated redirects, Response body: {Encoding.UTF8.GetString(body, 0, length)}");
            case var code:
                return ProbeResult.Failed($"HTTP probe failed with statuscode: {code}");
        }
    }

    private static async Task<ProbeResult> TcpAsync(TCPSocketAction tcp, ProbeTarget target, CancellationToken cancellationToken)
    {
        if (ProbePort.Resolve(tcp.Port, target.Container) is not { } port)
        {
            return ProbeResult.Failed($"couldn't find port: {tcp.Port}");
        }

        var host = tcp.Host is { Length: > 0 } named ? named : target.Host;
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(host, port, cancellationToken);
            return ProbeResult.Passed;
        }
        catch (SocketException exception)
        {
            return ProbeResult.Failed($"dial tcp {host}:{port}: {exception.Message}");
        }
    }
}

internal static class HttpProbeRequest
{
    public static Uri Address(HTTPGetAction get, string host, int port)
    {
        var scheme = get.Scheme is "HTTPS" ? "https" : "http";
        var path = get.Path is { Length: > 0 } given ? given.StartsWith('/') ? given : $"/{given}" : "/";
        var address = host.Contains(':') ? $"[{host}]" : host;
        return new($"{scheme}://{address}:{port}{path}");
    }

    public static HttpRequestMessage Create(HTTPGetAction get, Uri address)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("kube-probe", "1.36"));
        request.Headers.Accept.ParseAdd("*/*");
        request.Headers.ConnectionClose = true;
        foreach (var header in get.HttpHeaders ?? [])
        {
            if (header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase))
            {
                request.Headers.Host = header.Value;
                continue;
            }

            request.Headers.Remove(header.Name);
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        return request;
    }
}

internal static class ProbePort
{
    /// <summary>A number, or the name of one of the container's ports; null when there is none of that name.</summary>
    public static int? Resolve(IntOrString port, Container container) => port.Text switch
    {
        null => port.Number,
        var name when int.TryParse(name, out var number) => number,
        var name => container.Ports?.FirstOrDefault(candidate => candidate.Name == name)?.Port,
    };
}
