using System.Buffers;
using System.IO.Pipelines;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Microsoft.AspNetCore.Http;

namespace Flotilla.ClusterCore.ApiServer.Pipeline;

/// <summary>Reads a request's body whole, up to upstream's limit.</summary>
internal static class BodyReader
{
    public const int Limit = 3 * 1024 * 1024;

    public static async ValueTask<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Limit) { throw Refusal.TooLarge(Limit); }
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            if (read.Buffer.Length > Limit)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                throw Refusal.TooLarge(Limit);
            }

            if (read.IsCompleted) { return Take(request.BodyReader, read); }
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static byte[] Take(PipeReader reader, ReadResult read)
    {
        var body = read.Buffer.ToArray();
        reader.AdvanceTo(read.Buffer.End);
        return body;
    }
}
