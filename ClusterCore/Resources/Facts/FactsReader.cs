using System.Buffers.Binary;
using System.Text;

namespace Flotilla.ClusterCore.Resources.Facts;

/// <summary>The packed facts (see the generator's FactsWriter for the form): sections, and texts by index.</summary>
internal sealed class FactsReader
{
    private const int Magic = 0x31464b46;

    private readonly byte[] file;
    private readonly string?[] texts;
    private readonly int stringsAt;

    public FactsReader(byte[] file)
    {
        this.file = file;
        if (Int(0) != Magic)
        {
            throw new InvalidDataException("The embedded API facts are of another version: run the generator.");
        }

        stringsAt = Int(4);
        texts = new string?[Int(stringsAt)];
    }

    public FactsCursor Resources => new(this, Int(8));

    public FactsCursor TypeIndex => new(this, Int(12));

    public int TypesAt => Int(16);

    public ReadOnlyMemory<byte> Rbac => file.AsMemory(Int(20)..Int(24));

    public ReadOnlyMemory<byte> OpenApi => file.AsMemory(Int(24)..);

    public static FactsReader Open()
    {
        using var stream = typeof(FactsReader).Assembly.GetManifestResourceStream("api-facts.bin")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return new FactsReader(bytes);
    }

    public byte At(int offset) => file[offset];

    public string Text(int index) => texts[index] ??= Decode(index);

    private string Decode(int index)
    {
        var offsets = stringsAt + 4;
        var blob = offsets + (4 * (texts.Length + 1));
        var start = Int(offsets + (4 * index));
        var end = Int(offsets + (4 * (index + 1)));
        return Encoding.UTF8.GetString(file, blob + start, end - start);
    }

    private int Int(int offset) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(offset));
}

/// <summary>Reads varints and texts one after the other.</summary>
internal ref struct FactsCursor(FactsReader facts, int offset)
{
    private int position = offset;

    public int Number()
    {
        var value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = facts.At(position++);
            value |= (next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    public string Text() => facts.Text(Number());

    public string[] Texts()
    {
        var list = new string[Number()];
        for (var i = 0; i < list.Length; i++)
        {
            list[i] = Text();
        }

        return list;
    }
}
