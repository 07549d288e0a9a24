using System.Text;
using Flotilla.NodeAgent.Kubelet.Server.Logs;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Kubelet.Tests.Server;

public sealed class LogReaderTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public LogReaderTests() => File.WriteAllText(path, """
        2026-01-01T12:00:00.1Z stdout F one
        2026-01-01T12:00:01.2Z stderr F two
        2026-01-01T12:00:02.3Z stdout P thr
        2026-01-01T12:00:02.4Z stdout F ee
        2026-01-01T12:00:03.5Z stdout F 

        """.ReplaceLineEndings("\n"));

    [Fact]
    public async Task Lines_come_without_their_prefix_and_parts_are_joined() => Assert.Equal("one\ntwo\nthree\n\n", await ReadAsync(new()));

    [Fact]
    public async Task Timestamps_stand_once_before_each_line() => Assert.Equal(
        "2026-01-01T12:00:02.3Z three\n2026-01-01T12:00:03.5Z \n", await ReadAsync(new() { Timestamps = true, TailLines = 3 }));

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, "\n")]
    [InlineData(5, "one\ntwo\nthree\n\n")]
    [InlineData(99, "one\ntwo\nthree\n\n")]
    public async Task The_tail_counts_lines_from_the_end(int lines, string expected) =>
        Assert.Equal(expected, await ReadAsync(new() { TailLines = lines }));

    [Fact]
    public async Task A_time_leaves_out_what_was_before() =>
        Assert.Equal("three\n\n", await ReadAsync(new() { Since = A.Noon.AddSeconds(2) }));

    [Fact]
    public async Task One_stream_can_be_asked_for() => Assert.Equal("two\n", await ReadAsync(new() { Stream = "Stderr" }));

    [Fact]
    public async Task A_limit_cuts_in_the_middle_of_a_line() => Assert.Equal("one\ntw", await ReadAsync(new() { LimitBytes = 6 }));

    [Fact]
    public async Task A_followed_log_ends_with_its_container()
    {
        using var output = new MemoryStream();
        var running = true;
        var clock = new ManualClock();
        var following = LogReader.CopyAsync(path, new() { Follow = true }, output, () => running, clock, CancellationToken.None);
        await File.AppendAllTextAsync(path, "2026-01-01T12:00:04Z stdout F last\n");
        running = false;
        await Eventually.TrueAsync(() => { clock.Advance(TimeSpan.FromSeconds(1)); return following.IsCompleted; }, "the log ends");
        Assert.EndsWith("last\n", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_followed_log_goes_on_in_the_next_file_when_it_is_rotated()
    {
        using var output = new MemoryStream();
        var running = true;
        var clock = new ManualClock();
        var following = LogReader.CopyAsync(path, new() { Follow = true }, output, () => running, clock, CancellationToken.None);
        await Eventually.TrueAsync(() => output.Length > 0, "what stands there is read");
        File.Move(path, path + ".1", overwrite: true);
        await File.WriteAllTextAsync(path, "2026-01-01T12:00:04Z stdout F next\n");
        await Eventually.TrueAsync(() => { clock.Advance(TimeSpan.FromSeconds(1)); return Encoding.UTF8.GetString(output.ToArray()).EndsWith("next\n", StringComparison.Ordinal); }, "the new file is read");
        running = false;
        await Eventually.TrueAsync(() => { clock.Advance(TimeSpan.FromSeconds(1)); return following.IsCompleted; }, "the log ends");
        File.Delete(path + ".1");
    }

    public void Dispose() => File.Delete(path);

    private async Task<string> ReadAsync(LogQuery query)
    {
        using var output = new MemoryStream();
        await LogReader.CopyAsync(path, query, output, CancellationToken.None);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
