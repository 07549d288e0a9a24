using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.Grpc;

internal static class GrpcAnswer
{
    /// <summary>Puts the status where it belongs: the trailers, or the headers when there is no body yet.</summary>
    public static void Finish(HttpContext http, GrpcStatusCode code, string? message)
    {
        if (http.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        var target = http.Response.HasStarted
            ? http.Features.Get<IHttpResponseTrailersFeature>()?.Trailers
            : http.Response.Headers;
        if (target is null or { IsReadOnly: true })
        {
            http.Abort();
            return;
        }

        target["grpc-status"] = ((int)code).ToString(CultureInfo.InvariantCulture);
        if (!string.IsNullOrEmpty(message))
        {
            target["grpc-message"] = GrpcMessageText.Encode(message);
        }
    }
}
