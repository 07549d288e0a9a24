using System.Net;
using Flotilla.ClusterCore.ApiServer.Authentication.Oidc;

namespace Flotilla.ClusterCore.ApiServer;

/// <summary>How one API server runs.</summary>
public sealed class ApiServerOptions
{
    /// <summary>Where <c>pki/</c> is made and kept.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Addresses to serve on, at least one; port 0 takes a free one.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>What the <c>kubernetes</c> Service leads to. Null: the first listen address that is not loopback, or the first one.</summary>
    public IPAddress? AdvertiseAddress { get; init; }

    /// <summary>Whether other API servers may serve the same store; they advertise addresses of their own and the same port.</summary>
    public bool SharesStore { get; init; }

    /// <summary>More names and addresses for the server's certificate.</summary>
    public IReadOnlyList<string> AlternativeNames { get; init; } = [];

    /// <summary>The addresses of Services; the first is the API server's own, the tenth the cluster DNS.</summary>
    public IPNetwork ServiceNetwork { get; init; } = IPNetwork.Parse("10.96.0.0/16");

    /// <summary>Ports of NodePort Services, both ends included.</summary>
    public (int First, int Last) NodePorts { get; init; } = (30000, 32767);

    public string ServiceAccountIssuer { get; init; } = "https://kubernetes.default.svc.cluster.local";

    /// <summary>OpenID Connect issuers whose ID tokens are good here.</summary>
    public IReadOnlyList<JwtIssuer> JwtIssuers { get; init; } = [];

    /// <summary>How long a client may take to send the head of a request.</summary>
    public TimeSpan SlowestHead { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Requests that read, at once; without watches and streams.</summary>
    public int MaxRequestsInFlight { get; init; } = 400;

    /// <summary>Requests that write, at once.</summary>
    public int MaxMutatingRequestsInFlight { get; init; } = 200;

    public IPAddress Advertised =>
        AdvertiseAddress ?? (Listen.FirstOrDefault(end => !IPAddress.IsLoopback(end.Address)) ?? Listen[0]).Address;
}
