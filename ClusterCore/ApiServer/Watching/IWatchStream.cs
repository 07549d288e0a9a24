using System.Buffers;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Watching;

/// <summary>Where a watch's frames go.</summary>
internal interface IWatchStream : IAsyncDisposable
{
    void Write(byte[] frame);

    ValueTask FlushAsync(CancellationToken cancellationToken);
}

/// <summary>The body of an answer that lasts as long as the watch.</summary>
internal sealed class WatchResponse : IWatchStream
{
    private readonly HttpResponse response;

    public WatchResponse(HttpResponse response, MediaType type)
    {
        this.response = response;
        response.ContentType = type.Encoding == Encoding.Protobuf ? MediaType.Protobuf + ";stream=watch" : "application/json";
        response.Headers.CacheControl = "no-cache, private";
        response.HttpContext.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    public void Write(byte[] frame) => response.BodyWriter.Write(frame);

    public async ValueTask FlushAsync(CancellationToken cancellationToken) => await response.BodyWriter.FlushAsync(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
