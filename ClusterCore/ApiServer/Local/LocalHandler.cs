using System.Security.Cryptography.X509Certificates;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Local;

/// <summary>
/// The way into the API for clients in this very process: the same requests through the same pipeline, as the user of a client
/// certificate, but without the TLS and HTTP/2 in between that would cost both ends more than the work itself.
/// </summary>
internal sealed class LocalHandler(RequestPipeline pipeline, X509Certificate2 certificate) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = new LocalResponse();
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(await RequestAsync(request, cancellationToken));
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(response);
        features.Set<IHttpRequestLifetimeFeature>(response);
        features.Set<ITlsConnectionFeature>(new TlsConnectionFeature { ClientCertificate = certificate });
        // Once the answer has begun, whoever reads it ends the request by disposing of it.
        await using var registration = cancellationToken.Register(response.Abort);
        _ = Task.Run(() => HandleAsync(new DefaultHttpContext(features), response), CancellationToken.None);
        return await response.Begun.WaitAsync(cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) { certificate.Dispose(); }
        base.Dispose(disposing);
    }

    private async Task HandleAsync(HttpContext context, LocalResponse response)
    {
        await pipeline.HandleAsync(context);
        await response.CompleteAsync();
    }

    private static async Task<HttpRequestFeature> RequestAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri ?? throw new InvalidOperationException("A request needs an address.");
        var feature = new HttpRequestFeature
        {
            Protocol = HttpProtocol.Http2,
            Scheme = uri.Scheme,
            Method = request.Method.Method,
            Path = PathString.FromUriComponent(uri).Value ?? "/",
            QueryString = uri.Query,
            RawTarget = uri.PathAndQuery,
            Headers = new HeaderDictionary { ["Host"] = uri.Authority },
        };
        foreach (var (name, values) in request.Headers.NonValidated) { feature.Headers[name] = values.ToArray(); }
        if (request.Content is not { } content) { return feature; }
        foreach (var (name, values) in content.Headers.NonValidated) { feature.Headers[name] = values.ToArray(); }
        feature.Body = await content.ReadAsStreamAsync(cancellationToken);
        return feature;
    }
}
