using System.IO.Pipelines;
using Flotilla.ClusterCore.ApiServer.Pipeline;
using Flotilla.ClusterCore.ApiServer.Statuses;
using Flotilla.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Flotilla.ClusterCore.ApiServer.Tests.Pipeline;

public sealed class BodyReaderTests
{
    private readonly ManualClock clock = new();
    private readonly Pipe pipe = new();

    [Fact]
    public async Task A_body_that_comes_byte_by_byte_has_a_minute()
    {
        var reading = Read().AsTask();
        for (var second = 0; second < 59; second++)
        {
            await pipe.Writer.WriteAsync("x"u8.ToArray());
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(reading.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        var refusal = await Assert.ThrowsAsync<StatusException>(() => reading);
        Assert.Equal((504, "Timeout"), (refusal.Status.Code, refusal.Status.Reason));
    }

    [Fact]
    public async Task A_body_in_parts_is_one()
    {
        var reading = Read().AsTask();
        await pipe.Writer.WriteAsync("ab"u8.ToArray());
        await pipe.Writer.WriteAsync("cd"u8.ToArray());
        await pipe.Writer.CompleteAsync();
        Assert.Equal("abcd", System.Text.Encoding.UTF8.GetString(await reading));
    }

    private ValueTask<byte[]> Read()
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IRequestBodyPipeFeature>(new PipeFeature(pipe.Reader));
        return BodyReader.ReadAsync(context.Request, clock, CancellationToken.None);
    }

    private sealed record PipeFeature(PipeReader Reader) : IRequestBodyPipeFeature;
}
