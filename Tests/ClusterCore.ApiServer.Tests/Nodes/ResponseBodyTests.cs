using System.Text;
using Flotilla.ClusterCore.ApiServer.Nodes;

namespace Flotilla.ClusterCore.ApiServer.Tests.Nodes;

/// <summary>Answers of other servers, however they are framed and cut into packets.</summary>
public sealed class ResponseBodyTests
{
    private const int LongestHead = 1024;

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\nno\r\n6\r\n, not \r\nb;x=y\r\nhere, never\r\n0\r\n\r\n", "no, not here, never")]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n", "")]
    [InlineData("Content-Length: 2\r\n\r\nno more", "no")]
    [InlineData("Content-Length: 0\r\n\r\n", "")]
    [InlineData("Connection: close\r\n\r\nup to the end", "up to the end")]
    public async Task A_body_is_what_its_framing_says(string answer, string expected)
    {
        foreach (var packet in (int[])[1, 7, LongestHead])
        {
            Assert.Equal(expected, await BodyAsync($"HTTP/1.1 403 Forbidden\r\n{answer}", packet));
        }
    }

    [Theory]
    [InlineData("204 No Content")]
    [InlineData("304 Not Modified")]
    public async Task Some_answers_have_none(string status) => Assert.Equal("", await BodyAsync($"HTTP/1.1 {status}\r\nConnection: keep-alive\r\n\r\nother", packet: 7));

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nno")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nno")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nno\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nno")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2\r\nno")]
    public async Task A_body_cut_off_or_badly_framed_is_an_error(string answer) =>
        await Assert.ThrowsAsync<IOException>(() => BodyAsync($"HTTP/1.1 200 OK\r\n{answer}", packet: 7));

    [Fact]
    public async Task A_line_without_end_is_not_kept() =>
        await Assert.ThrowsAsync<IOException>(() => BodyAsync($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{new string('0', 1 << 20)}", LongestHead));

    private static async Task<string> BodyAsync(string answer, int packet)
    {
        using var stream = new Packets(Encoding.ASCII.GetBytes(answer), packet);
        var head = await ResponseHead.ReadAsync(stream, LongestHead, CancellationToken.None);
        using var body = new MemoryStream();
        await new ResponseBody(head!, stream).CopyToAsync(body, CancellationToken.None);
        return Encoding.ASCII.GetString(body.ToArray());
    }

    /// <summary>Gives at most so many bytes at once.</summary>
    private sealed class Packets(byte[] content, int size) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
