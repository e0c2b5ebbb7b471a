'use client'
import { useState } from 'react'
import { http } from '@kafkado/core'
import { createProducer } from '@kafkado/producer'
import { createKafkaClient } from 'kafkado'

const clicks = createProducer(http({ url: 'http://localhost:8080' }), 'clicks')

export default function Page() {
  const [count, setCount] = useState(0)
  const click = async () => {
    await clicks.send({ path: location.pathname })
    const kafka = createKafkaClient('memory:')
    await kafka.produce('clicks', { count })
    await kafka.close()
    setCount(count + 1)
  }
  return <button onClick={() => void click()}>{count}</button>
}
